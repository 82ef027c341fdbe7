"""A store takes only what verifies, and always has a model that does."""

import json
import os
import shutil
import signal
import sys
import zipfile

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgekit.bundle import BundleError
from edgekit.errors import UnreadableFileError, WriteError
from edgekit.runtime.updating import (
    ModelStore,
    NoModelError,
    SelfTestError,
    SignatureError,
    StoreError,
    StoreState,
    UpdateRefusedError,
)

ONES = np.ones((1, 2, 3), np.float32)
FACTORS = {"a": 2, "b": 1}


def factor(store):
    """Return what the store's model multiplies by."""
    loaded = store.load()
    with loaded.model as model:
        return float(model(ONES)["twice"].max())


def files(store):
    return sorted(path.name for path in store.folder.iterdir())


def signed(key, bundle, folder):
    copy = folder / bundle.name
    shutil.copy(bundle, copy)
    copy.with_name(f"{copy.name}.sig").write_bytes(key.sign(copy.read_bytes()))
    return copy


def test_versions_follow_one_another_and_old_ones_go(store, bundles):
    first = store.install(bundles["a"])
    assert (factor(store), store.state()) == (2, StoreState(first, None))
    second = store.install(bundles["b"])
    assert (factor(store), store.state()) == (1, StoreState(second, first))
    assert store.install(bundles["b"]) == second
    assert store.state() == StoreState(second, first)
    (store.folder / f"{'0' * 64}.edgekit").write_bytes(b"of a process that was killed")
    (store.folder / f".{'0' * 64}.edgekit.x").write_bytes(b"of a process that was killed")
    assert store.install(bundles["a"]) == first
    assert store.state() == StoreState(first, second)
    assert files(store) == sorted([f"{first}.edgekit", f"{second}.edgekit", "lock", "state.json"])


def test_an_empty_store_has_no_model(store):
    assert store.state() is None
    with pytest.raises(NoModelError, match="is empty"):
        store.load()


def test_a_damaged_version_gives_way_to_the_one_before(store, bundles):
    first = store.install(bundles["a"])
    second = store.install(bundles["b"])
    damaged = store.folder / f"{second}.edgekit"
    damaged.write_bytes(damaged.read_bytes()[:-7])
    loaded = store.load()
    loaded.model.close()
    assert loaded.version == first
    assert "was changed" in str(loaded.refused)
    assert store.state() == StoreState(first, None)
    (store.folder / f"{first}.edgekit").unlink()
    with pytest.raises(NoModelError, match="no version in store") as caught:
        store.load()
    assert "No such file" in caught.value.details[0]
    store.install(bundles["b"])
    assert factor(store) == 1


@pytest.mark.parametrize("member", ["manifest.json", "model.tflite", "golden.npz"])
def test_a_tampered_bundle_is_refused(store, bundles, tmp_path, member):
    store.install(bundles["a"])
    before = files(store)
    content = bytearray(bundles["b"].read_bytes())
    with zipfile.ZipFile(bundles["b"]) as archive:
        info = archive.getinfo(member)
    content[info.header_offset + 30 + len(member) + info.compress_size // 2] ^= 0x10
    (tmp_path / "b.edgekit").write_bytes(content)
    with pytest.raises(BundleError):
        store.install(tmp_path / "b.edgekit")
    assert (files(store), factor(store)) == (before, 2)


def test_what_cannot_take_the_place_is_refused(store, bundles, tmp_path):
    store.install(bundles["a"])
    before = files(store)
    for path, error, match in (
        (bundles["wide"], UpdateRefusedError, r"inputs are .*\(1, 2, 4\)"),
        (bundles["plain"], SelfTestError, "no golden inputs"),
        (tmp_path / "absent.edgekit", UnreadableFileError, "No such file"),
    ):
        with pytest.raises(error, match=match):
            store.install(path)
        assert (files(store), factor(store)) == (before, 2)


def test_only_what_the_key_signed_is_taken(tmp_path, bundles, key, public_key):
    store = ModelStore(tmp_path / "store", public_key=public_key)
    with pytest.raises(SignatureError, match=r"a\.edgekit\.sig cannot be read"):
        store.install(bundles["a"])
    first = signed(key, bundles["a"], tmp_path)
    store.install(first)
    assert factor(store) == 2

    second = signed(key, bundles["b"], tmp_path)
    signature = second.with_name("b.edgekit.sig")
    right = signature.read_bytes()
    for wrong, match in (
        (right[:-1], "63 bytes"),
        (bytes([right[0] ^ 1]) + right[1:], r"not that of public\.pem"),
        (first.with_name("a.edgekit.sig").read_bytes(), r"not that of public\.pem"),
        (Ed25519PrivateKey.generate().sign(second.read_bytes()), r"not that of public\.pem"),
    ):
        signature.write_bytes(wrong)
        with pytest.raises(SignatureError, match=match):
            store.install(second)
    assert factor(store) == 2
    signature.write_bytes(right)
    second.write_bytes(second.read_bytes() + b"\0")
    with pytest.raises(SignatureError, match=r"not that of public\.pem"):
        store.install(second)
    assert factor(store) == 2


def test_a_store_without_its_signature_does_not_load(tmp_path, bundles, public_key):
    ModelStore(tmp_path / "store").install(bundles["a"])
    with pytest.raises(NoModelError) as caught:
        ModelStore(tmp_path / "store", public_key=public_key).load()
    assert "cannot be read" in caught.value.details[0]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema_version": 2}'])
def test_a_state_that_makes_no_sense_is_an_error(store, bundles, content):
    store.install(bundles["a"])
    (store.folder / "state.json").write_text(content)
    with pytest.raises(StoreError, match=r"state\.json"):
        store.load()
    state = {"schema_version": 9, "current": "x", "previous": None}
    (store.folder / "state.json").write_text(json.dumps(state))
    with pytest.raises(StoreError, match="of version 9, not 1"):
        store.state()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path, bundles):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError):
        ModelStore(tmp_path / "file" / "store").install(bundles["a"])


def killed_at(step, folder, bundle):
    """Install in a child that kills itself at its n-th access to the store; was it killed?"""
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event, arguments):
            nonlocal count
            if event.startswith(("open", "os.")) and any(
                str(folder) in os.fsdecode(each)
                for each in arguments
                if isinstance(each, str | bytes | os.PathLike)
            ):
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            ModelStore(folder).install(bundle)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_at_any_step_the_next_start_has_a_model(store, bundles):
    store.install(bundles["a"])
    steps, names = 0, ["b", "a"]
    while killed_at(steps + 1, store.folder, bundles[names[0]]):
        steps += 1
        now = factor(store)
        assert now in FACTORS.values()
        names = ["a", "b"] if now == FACTORS["b"] else ["b", "a"]
    assert steps >= 10
    assert factor(store) == FACTORS[names[0]]
    assert len(files(store)) == 4  # two versions, lock, state: nothing that was left is there
