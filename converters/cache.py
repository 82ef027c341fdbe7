"""Results kept by the hash of what made them, under the user's cache folder."""

import json
import os
import shutil
import tempfile
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
        if not entry.is_dir():
            return None
        try:
            hashes: dict[str, str] = json.loads((entry / _HASHES).read_text())
            if all(sha256_file(entry / name) == digest for name, digest in hashes.items()):
                return entry
        except (OSError, ValueError, AttributeError):
            pass  # being removed or damaged: the same to the caller
        _remove(entry)
        return None

    @contextmanager
    def store(self, key: str) -> Iterator[Path]:
        """Yield a scratch folder that becomes the entry when the block ends without error.

        Raises:
            WriteError: No space or no permission in the cache folder.
        """
        with atomic_directory(self.folder / key) as scratch:
            try:
                yield scratch
                hashes = {path.name: sha256_file(path) for path in sorted(scratch.iterdir())}
                (scratch / _HASHES).write_text(json.dumps(hashes))
            except OSError as error:
                raise WriteError(error.filename or self.folder, error) from error

    def entries(self) -> tuple[CacheEntry, ...]:
        """Return what is kept, newest first, unfinished scratch folders included."""
        if not self.folder.is_dir():
            return ()
        found = [entry for path in self.folder.iterdir() if (entry := _entry(path))]
        return tuple(sorted(found, key=lambda entry: -entry.modified_s))

    def clear(self) -> int:
        """Remove every entry; return how many bytes that frees."""
        entries = self.entries()
        for entry in entries:
            shutil.rmtree(self.folder / entry.key, ignore_errors=True)
        return sum(entry.size_bytes for entry in entries)


def _entry(path: Path) -> CacheEntry | None:
    """Describe an entry, None where another process has just removed it, or it is no folder."""
    try:
        if not path.is_dir():
            return None
        size = sum(item.stat().st_size for item in path.rglob("*") if item.is_file())
        return CacheEntry(path.name, size, path.stat().st_mtime)
    except FileNotFoundError:
        return None


def _remove(entry: Path) -> None:
    """Take an entry away in one step, so that no other process finds half of it."""
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{entry.name}.", dir=entry.parent))
    except OSError:
        return
    try:
        entry.replace(aside / entry.name)
    except OSError:
        pass  # another process has just removed it
    finally:
        shutil.rmtree(aside, ignore_errors=True)
