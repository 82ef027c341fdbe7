"""A folder with the current model and the one before: whatever happens, one of them verifies."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from edgekit.bundle import Bundle
from edgekit.errors import EdgekitError, UnreadableFileError, WriteError
from edgekit.files import atomic_write, sha256_bytes
from edgekit.runtime.model import Model
from edgekit.runtime.updating.errors import (
    NoModelError,
    SignatureError,
    StoreError,
    UpdateRefusedError,
)
from edgekit.runtime.updating.golden import self_test
from edgekit.runtime.updating.signing import SIGNATURE_BYTES, signature_path, verify_signature

__all__ = ["LoadedVersion", "ModelStore", "StoreState"]

_STATE = "state.json"
_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class StoreState:
    """Which versions a store names; a version is the SHA-256 of its bundle.

    Attributes:
        current: What is loaded first.
        previous: What takes its place when it does not verify; None if there is none.
    """

    current: str
    previous: str | None


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVersion:
    """A version that verified and passed its self-test.

    Attributes:
        version: SHA-256 of the bundle.
        model: Ready to be called; the receiver's to close.
        refused: Why the current version was given up for this one; None if it was not.
    """

    version: str
    model: Model
    refused: EdgekitError | None = None


class ModelStore:
    """Versions of one model in a folder of their own.

    ``<sha256>.edgekit`` are bundles (``.sig`` their signatures), ``state.json`` names the current
    and the previous one. Every file appears whole, by rename, and the state is written after the
    bundle that it names was verified and passed its self-test: a process that is killed at any
    step leaves the old state or the new one. A lock keeps processes from updating at once.

    Does not protect from going back: an older bundle that was signed with the same key is taken.

    Args:
        folder: Made when something is first installed.
        public_key: PEM file of the ed25519 key that must have signed every version; None to
            check the bundles' own hashes alone.
    """

    def __init__(self, folder: str | Path, *, public_key: str | Path | None = None) -> None:
        self.folder = Path(folder)
        self._key = None if public_key is None else Path(public_key)

    def state(self) -> StoreState | None:
        """Return which versions there are, None in an empty store.

        Raises:
            StoreError: The file that says so cannot be read.
        """
        path = self.folder / _STATE
        try:
            content = json.loads(path.read_bytes())
            found = StoreState(content["current"], content["previous"])
            schema_version = content["schema_version"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"the store's {path} cannot be read: {error}",
                hint="install a bundle into another folder",
            ) from error
        if schema_version != _SCHEMA_VERSION:
            raise StoreError(
                f"the store's {path} is of version {schema_version}, not {_SCHEMA_VERSION}",
                hint="use the edgekit that wrote it",
            )
        return found

    def load(self) -> LoadedVersion:
        """Return the current version or, when it does not verify, the one before.

        What does not verify or fails its self-test is taken out of the state.

        Raises:
            NoModelError: Neither verifies, or nothing was installed.
            StoreError: The state cannot be read.
        """
        with self.locked():
            state = self.state()
            if state is None:
                raise NoModelError(f"store {self.folder} is empty", hint="install a bundle first")
            refused: EdgekitError | None = None
            for version in (state.current, state.previous):
                if version is None:
                    continue
                try:
                    model = self._checked(version)
                except EdgekitError as error:
                    refused = refused or error
                    continue
                if version != state.current:
                    self._write(StoreState(version, None))
                return LoadedVersion(version, model, refused)
            raise NoModelError(
                f"no version in store {self.folder} verifies",
                hint="install a bundle again",
                details=[refused.message] if refused else [],
            )

    def install(self, path: str | Path) -> str:
        """Verify a bundle, test it, and make it the current one; returns its version.

        Raises:
            EdgekitError: As `prepare` and `commit`; the store stays as it was.
        """
        with self.locked():
            loaded = self.prepare(path)
            loaded.model.close()
            self.commit(loaded.version)
            return loaded.version

    def prepare(self, path: str | Path) -> LoadedVersion:
        """Copy a bundle into the store, verify and test it; the current one stays. Call locked.

        Raises:
            UnreadableFileError: The bundle cannot be read.
            SignatureError: Its signature is missing or wrong.
            BundleError: It is damaged or no bundle.
            SelfTestError: It has no golden inputs, or other outputs than it should.
            UpdateRefusedError: Its inputs or outputs are not those of the current version.
            InterpreterError: The interpreter refuses it.
            WriteError: The store is full or cannot be written to.
        """
        path = Path(path)
        content = _read(path)
        version = sha256_bytes(content)
        stored = self._path(version)
        state = self.state()
        known = state is not None and version in (state.current, state.previous)
        if self._key is not None:
            signature = self._signature(path, content)
            atomic_write(signature_path(stored), signature)
        try:
            atomic_write(stored, content)
            model = self._checked(version)
            if state is not None:
                self._check_interface(model, state)
        except EdgekitError:
            if not known:
                self._remove(stored)
            raise
        return LoadedVersion(version, model)

    def commit(self, version: str) -> None:
        """Make a prepared version the current one, and remove all but it and the one before.

        Call locked.

        Raises:
            WriteError: The state cannot be written; it stays as it was.
        """
        state = self.state()
        if state is None or state.current != version:
            self._write(StoreState(version, None if state is None else state.current))
        state = self.state()
        assert state is not None
        kept = {self._path(each).name for each in (state.current, state.previous) if each}
        # The update is done; what cannot be removed now is removed by the next one.
        with suppress(OSError):
            for path in self.folder.iterdir():
                name = path.name.removesuffix(".sig")
                temporary = name.startswith(".")  # of a process that was killed
                if temporary or (name.endswith(".edgekit") and name not in kept):
                    path.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and other stores of this folder out of it meanwhile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("w")
        except OSError as error:
            raise WriteError(self.folder, error) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, version: str) -> Path:
        return self.folder / f"{version}.edgekit"

    def _checked(self, version: str) -> Model:
        """Return a version's model, after every check."""
        path = self._path(version)
        content = _read(path)
        if sha256_bytes(content) != version:
            raise UnreadableFileError(path, "it was changed since it was stored")
        if self._key is not None:
            self._signature(path, content)
        bundle = Bundle.open(path)
        model = Model(bundle)
        try:
            self_test(bundle, model)
        except EdgekitError:
            model.close()
            raise
        return model

    def _check_interface(self, model: Model, state: StoreState) -> None:
        try:
            current = Bundle.open(self._path(state.current)).manifest
        except EdgekitError:
            return  # it is damaged, and about to be replaced
        for kind, old, new in (
            ("inputs", current.inputs, model.inputs),
            ("outputs", current.outputs, model.outputs),
        ):
            before, after = (
                [(spec.name, spec.shape, spec.source_dtype) for spec in each] for each in (old, new)
            )
            if before != after:
                model.close()
                raise UpdateRefusedError(
                    f"the new model's {kind} are {after}, the current one's {before}",
                    hint="use a store of its own for a model with another interface",
                )

    def _signature(self, path: Path, content: bytes) -> bytes:
        assert self._key is not None
        try:
            signature = signature_path(path).read_bytes()
        except OSError as error:
            raise SignatureError(
                path,
                f"its signature {signature_path(path).name} cannot be read: {error.strerror}",
                hint="openssl pkeyutl -sign -rawin -inkey KEY -in BUNDLE -out BUNDLE.sig",
            ) from error
        if len(signature) != SIGNATURE_BYTES:
            raise SignatureError(
                path,
                f"its signature has {len(signature)} bytes, not {SIGNATURE_BYTES}",
                hint="sign it with ed25519, without encoding",
            )
        verify_signature(path, content, signature, self._key)
        return signature

    def _write(self, state: StoreState) -> None:
        content = {
            "schema_version": _SCHEMA_VERSION,
            "current": state.current,
            "previous": state.previous,
        }
        # So that no loss of power leaves a state that names a file which is not there yet.
        self._sync_names()
        atomic_write(self.folder / _STATE, json.dumps(content) + "\n")
        self._sync_names()

    def _sync_names(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _remove(self, stored: Path) -> None:
        stored.unlink(missing_ok=True)
        signature_path(stored).unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
