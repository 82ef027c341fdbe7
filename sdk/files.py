"""Files that appear whole or not at all, and the hashes that name their content."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgekit.errors import WriteError

__all__ = [
    "atomic_directory",
    "atomic_write",
    "check_output",
    "replaced_directory",
    "sha256_bytes",
    "sha256_file",
]


def sha256_bytes(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_output(path: Path) -> None:
    """Refuse a place that cannot be written before the work, not after it.

    Raises:
        WriteError: It is a folder, or its folder cannot be written to.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    problem = None
    if path.is_dir():
        problem = errno.EISDIR
    elif not folder.is_dir():
        problem = errno.ENOTDIR
    elif not os.access(folder, os.W_OK):
        problem = errno.EACCES
    if problem is not None:
        raise WriteError(path, OSError(problem, os.strerror(problem)))


def atomic_write(path: Path, data: bytes | str) -> None:
    """Write ``data`` to ``path`` by renaming a finished temporary file over it.

    Raises:
        WriteError: No space, no permission, or no such folder. An older file at ``path``
            stays as it was.
    """
    content = data.encode() if isinstance(data, str) else data
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """Yield a scratch folder beside ``path`` that becomes ``path`` when the block ends well.

    Two processes may do this at once for the same ``path``: the first to finish wins, the
    other's result is dropped, so the content must be a function of the name.

    Raises:
        WriteError: The folder cannot be made or renamed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise WriteError(path, error) from error
    try:
        yield scratch
        try:
            scratch.replace(path)
        except OSError as error:
            if not path.is_dir():
                raise WriteError(path, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def replaced_directory(path: Path) -> Iterator[Path]:
    """Yield a scratch folder beside ``path`` that takes its place when the block ends well.

    Raises:
        WriteError: The folder cannot be made, filled or renamed. An older folder at ``path``
            stays as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise WriteError(path, error) from error
    older = scratch.with_name(f"{scratch.name}.old")
    try:
        yield scratch
        scratch.chmod(0o777 & ~_umask())
        if path.is_dir():
            path.rename(older)
        try:
            scratch.rename(path)
        except OSError:
            if older.is_dir():
                older.rename(path)
            raise
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(older, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
