"""Checks ed25519 signatures of bundles (RFC 8032), with the package `cryptography`."""

from pathlib import Path

from edgekit.errors import MissingDependencyError
from edgekit.runtime.updating.errors import SignatureError

__all__ = ["SIGNATURE_BYTES", "signature_path", "verify_signature"]

SIGNATURE_BYTES = 64


def signature_path(bundle: Path) -> Path:
    """Return where a bundle's signature lies: ``name.edgekit.sig`` beside it."""
    return bundle.with_name(f"{bundle.name}.sig")


def verify_signature(bundle: Path, content: bytes, signature: bytes, public_key: Path) -> None:
    """Check that the holder of the private key signed these bytes.

    Args:
        bundle: Named in errors.
        content: All bytes of the bundle.
        signature: 64 bytes.
        public_key: A PEM file, as ``openssl pkey -pubout`` writes it.

    Raises:
        SignatureError: The signature is not that of these bytes by this key, or the key cannot
            be read or is of another kind.
        MissingDependencyError: `cryptography` is not installed.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError as error:
        raise MissingDependencyError(
            "cryptography", extra="update", purpose="checking signatures"
        ) from error
    try:
        key = load_pem_public_key(public_key.read_bytes())
    except (OSError, ValueError) as error:
        raise SignatureError(
            public_key, f"the public key cannot be read: {error}", hint="give a PEM file"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureError(
            public_key, "it is no ed25519 key", hint="openssl genpkey -algorithm ed25519"
        )
    try:
        key.verify(signature, content)
    except InvalidSignature as error:
        raise SignatureError(
            bundle,
            f"its signature is not that of {public_key.name}",
            hint="do not use it: it was changed, or signed with another key",
        ) from error
