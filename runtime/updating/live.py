"""A model that is replaced while it is in use, without a call that fails or waits for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from edgekit.errors import EdgekitError, UnreadableFileError
from edgekit.files import sha256_file
from edgekit.runtime.errors import ClosedModelError
from edgekit.runtime.inputs import ArrayLayout
from edgekit.runtime.model import Model
from edgekit.runtime.updating.errors import UpdateRefusedError
from edgekit.runtime.updating.signing import signature_path
from edgekit.runtime.updating.store import LoadedVersion, ModelStore

__all__ = ["LiveModel"]


class _Holder:
    """A version, and how many calls are in it."""

    __slots__ = ("model", "retired", "users", "version")

    def __init__(self, loaded: LoadedVersion) -> None:
        self.model, self.version = loaded.model, loaded.version
        self.users = 0
        self.retired = False


class LiveModel:
    """The current version of a store, for threads that call it while it is updated.

    A call runs on the version that was current when it began, to its end; the old model is
    closed after its last call. An update that fails at any step leaves the current version, in
    memory and in the store.

    Args:
        store: Where versions are kept.

    Attributes:
        refused: Why the store's current version was given up for the one before when this was
            opened; None if it was not.

    Raises:
        NoModelError: No version verifies, or nothing was installed.
        StoreError: The store's state cannot be read.
    """

    refused: EdgekitError | None

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        loaded = store.load()
        self.refused = loaded.refused
        self._lock = Lock()  # of the holder and its users; never held while a model runs
        self._holder: _Holder | None = _Holder(loaded)
        self._name = loaded.model.manifest.name
        self._seen: tuple[object, ...] = ()  # the file that `poll` looked at last

    @property
    def version(self) -> str:
        """SHA-256 of the bundle that calls run on now."""
        with self._lock:
            return self._current().version

    def __call__(self, inputs: Any, *, layout: ArrayLayout = "model") -> dict[str, NDArray[Any]]:
        """Run the current model, as a call of `edgekit.runtime.Model` does."""
        with self.lease() as model:
            return model(inputs, layout=layout)

    @contextmanager
    def lease(self) -> Iterator[Model]:
        """Give the current model, which stays open until the block ends; do not close it.

        Raises:
            ClosedModelError: This was closed.
        """
        with self._lock:
            holder = self._current()
            holder.users += 1
        try:
            yield holder.model
        finally:
            with self._lock:
                holder.users -= 1
                last = holder.retired and not holder.users
            if last:
                holder.model.close()

    def update(self, path: str | Path) -> str:
        """Verify a bundle, test it, make it the store's current one and swap; returns its version.

        Calls go on meanwhile, on the old model until the swap.

        Raises:
            EdgekitError: As `ModelStore.prepare` and `ModelStore.commit`; the old model stays.
            ClosedModelError: This was closed.
        """
        with self._store.locked():
            with self._lock:
                self._current()
            loaded = self._store.prepare(path)
            try:
                self._store.commit(loaded.version)
                self._swap(loaded)
            except EdgekitError:
                loaded.model.close()
                raise
        return loaded.version

    def roll_back(self) -> str:
        """Go back to the version before, and return it.

        Raises:
            UpdateRefusedError: The store has no version before.
            EdgekitError: It does not verify any more; the current one stays.
        """
        state = self._store.state()
        if state is None or state.previous is None:
            raise UpdateRefusedError(
                f"store {self._store.folder} has no version before", hint="update to another bundle"
            )
        return self.update(self._store.folder / f"{state.previous}.edgekit")

    def poll(self, folder: str | Path) -> str | None:
        """Update to the newest bundle of a folder, if it is new to the store.

        The current version and the one before are left alone, so that what was rolled back does
        not come again. Any other bundle is tried once, and again when it or its signature
        changes: one that was still being copied is refused at first.

        Returns:
            The new version; None if there was nothing new.

        Raises:
            EdgekitError: As `update`.
        """
        found = [
            (stat.st_mtime_ns, path)
            for path in Path(folder).glob("*.edgekit")
            if (stat := _stat(path)) is not None
        ]
        if not found:
            return None
        _, path = max(found)
        marks = [_stat(each) for each in (path, signature_path(path))]
        key = (path, *((each.st_mtime_ns, each.st_size) if each else None for each in marks))
        if key == self._seen:
            return None
        self._seen = key
        try:
            version = sha256_file(path)
        except OSError as error:
            raise UnreadableFileError(path, error.strerror or str(error)) from error
        state = self._store.state()
        if state is not None and version in (state.current, state.previous):
            return None
        return self.update(path)

    def close(self) -> None:
        """Close the model, after the calls that are in it; closing twice is fine."""
        with self._lock:
            holder, self._holder = self._holder, None
            if holder is None:
                return
            holder.retired = True
            idle = not holder.users
        if idle:
            holder.model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _current(self) -> _Holder:
        if self._holder is None:
            raise ClosedModelError(self._name)
        return self._holder

    def _swap(self, loaded: LoadedVersion) -> None:
        with self._lock:
            old = self._current()
            self._holder = _Holder(loaded)
            old.retired = True
            idle = not old.users
        if idle:
            old.model.close()


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
