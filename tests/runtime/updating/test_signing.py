"""Signatures are those of RFC 8032, and keys of other kinds are refused."""

import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edgekit.runtime.updating import SignatureError
from edgekit.runtime.updating.signing import verify_signature

# RFC 8032, section 7.1, test 2: public key, message, signature.
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
MESSAGE = bytes.fromhex("72")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def pem(key):
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_rfcs_own_vector(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(pem(Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC))))
    verify_signature(tmp_path / "m", MESSAGE, SIGNATURE, path)
    with pytest.raises(SignatureError, match=r"m: its signature is not that of key\.pem"):
        verify_signature(tmp_path / "m", b"\x73", SIGNATURE, path)


def test_the_commands_of_the_hints_work(tmp_path):
    (tmp_path / "m").write_bytes(b"content")
    for command in (
        "openssl genpkey -algorithm ed25519 -out key",
        "openssl pkey -in key -pubout -out public",
        "openssl pkeyutl -sign -rawin -inkey key -in m -out m.sig",
    ):
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    signature = (tmp_path / "m.sig").read_bytes()
    verify_signature(tmp_path / "m", b"content", signature, tmp_path / "public")


def test_keys_that_are_none_are_refused(tmp_path):
    path = tmp_path / "key.pem"
    with pytest.raises(SignatureError, match="cannot be read"):
        verify_signature(tmp_path / "m", MESSAGE, SIGNATURE, path)
    path.write_text("no key")
    with pytest.raises(SignatureError, match="cannot be read"):
        verify_signature(tmp_path / "m", MESSAGE, SIGNATURE, path)
    path.write_bytes(pem(generate_private_key(SECP256R1()).public_key()))
    with pytest.raises(SignatureError, match="no ed25519 key"):
        verify_signature(tmp_path / "m", MESSAGE, SIGNATURE, path)
