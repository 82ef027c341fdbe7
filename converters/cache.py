"""Results kept by the hash of what made them, under the user's cache folder."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import WriteError
from edgekit.files import atomic_directory, sha256_bytes, sha256_file

__all__ = ["Cache", "CacheEntry", "default_cache_folder"]

_HASHES = "sha256.json"


def default_cache_folder() -> Path:
    """Return ``$EDGEKIT_CACHE_DIR``, or edgekit's folder in the user's cache."""
    import platformdirs

    chosen = os.environ.get("EDGEKIT_CACHE_DIR")
    return Path(chosen) if chosen else platformdirs.user_cache_path("edgekit")


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One kept result."""

    key: str
    size_bytes: int
    modified_s: float


class Cache:
    """A folder of results, each in a folder named by its key.

    An entry appears by renaming, so it is whole, and several processes may share the cache.
    Its files are hashed when stored and checked when found: a damaged entry counts as absent.

    Args:
        folder: Where to keep them; made when first needed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_cache_folder()

    @staticmethod
    def key(parts: Mapping[str, object]) -> str:
        """Return the key of a result that depends on ``parts`` (JSON values)."""
        return sha256_bytes(json.dumps(parts, sort_keys=True).encode())

    def find(self, key: str) -> Path | None:
        """Return the folder of an intact entry, or None."""
        entry = self.folder / key
        try:
            hashes: dict[str, str] = json.loads((entry / _HASHES).read_text())
            if all(sha256_file(entry / name) == digest for name, digest in hashes.items()):
                return entry
        except (OSError, ValueError, AttributeError):
            pass  # absent, being removed, or damaged: all the same to the caller
        shutil.rmtree(entry, ignore_errors=True)
        return None

    @contextmanager
    def store(self, key: str) -> Iterator[Path]:
        """Yield a scratch folder that becomes the entry when the block ends without error.

        Raises:
            WriteError: No space or no permission in the cache folder.
        """
        with atomic_directory(self.folder / key) as scratch:
            yield scratch
            hashes = {path.name: sha256_file(path) for path in sorted(scratch.iterdir())}
            try:
                (scratch / _HASHES).write_text(json.dumps(hashes))
            except OSError as error:
                raise WriteError(scratch, error) from error

    def entries(self) -> tuple[CacheEntry, ...]:
        """Return what is kept, newest first, unfinished scratch folders included."""
        if not self.folder.is_dir():
            return ()
        found = []
        for path in self.folder.iterdir():
            if path.is_dir():
                size = sum(item.stat().st_size for item in path.rglob("*") if item.is_file())
                found.append(CacheEntry(path.name, size, path.stat().st_mtime))
        return tuple(sorted(found, key=lambda entry: -entry.modified_s))

    def clear(self) -> int:
        """Remove every entry; return how many bytes that frees."""
        entries = self.entries()
        for entry in entries:
            shutil.rmtree(self.folder / entry.key, ignore_errors=True)
        return sum(entry.size_bytes for entry in entries)
