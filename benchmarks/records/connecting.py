"""Connections to the database of results: who may have it open, and what its errors mean."""

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edgekit.benchmarks.records.errors import RecordsError
from edgekit.benchmarks.records.rows import is_whole
from edgekit.benchmarks.records.salvage import Recovery, is_unfinished, set_aside
from edgekit.benchmarks.records.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of

__all__ = ["BUSY_SECONDS", "DamagedError", "connected", "recover"]

# Writers wait for each other; one write takes some milliseconds.
BUSY_SECONDS = 60.0
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_HINTS = {
    sqlite3.SQLITE_FULL: "free some space, or choose another place with --database",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable, or choose another place "
    "with --database",
    sqlite3.SQLITE_CANTOPEN: "choose another place with --database or EDGEKIT_RESULTS",
    sqlite3.SQLITE_BUSY: "another process has kept it locked; end that one, or try again",
}
_REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS}


class DamagedError(Exception):
    """The file is damaged: set it aside. Never leaves this package."""


@contextmanager
def connected(path: Path, *, check: bool) -> Iterator[sqlite3.Connection]:
    """Yield a connection in autocommit mode to a database, made or migrated first if need be.

    Args:
        path: The database; its folder is made.
        check: Whether to read all of it and look for damage first.

    Raises:
        RecordsError: It is another program's, or of a later edgekit, or the system refuses.
        DamagedError: It is damaged, found before or inside the block.
    """
    with _errors(path):
        _check_ours(path)
        if not _is_current(path):
            _make_current(path)
        with _lock(path, fcntl.LOCK_SH) as writable:
            if is_unfinished(path):
                raise DamagedError
            with closing(_open(path, writable=writable)) as connection:
                if check and not _is_sound(connection):
                    raise DamagedError
                yield connection


def recover(path: Path) -> Recovery | None:
    """Set a damaged database aside; None where another process has just done it.

    Raises:
        RecordsError: The system refuses.
    """
    with _errors(path), _lock(path, fcntl.LOCK_EX):
        return set_aside(path) if is_unfinished(path) or _is_damaged(path) else None


def _is_damaged(path: Path) -> bool:
    try:
        with closing(_open(path)) as connection:
            return not _is_sound(connection) or not is_whole(connection)
    except sqlite3.DatabaseError as error:
        if _code(error) in _DAMAGE:
            return True
        raise


def _is_sound(connection: sqlite3.Connection) -> bool:
    """Whether SQLite finds every page in its place."""
    return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))


def _is_current(path: Path) -> bool:
    """Whether the database has the version of this edgekit."""
    with _lock(path, fcntl.LOCK_SH) as writable:
        if is_unfinished(path):
            return True  # its version does not matter any more
        if not path.exists():
            return False
        with closing(_open(path, writable=writable)) as connection:
            version = version_of(connection)
    if version > len(MIGRATIONS):
        raise RecordsError(
            path,
            f"its version is {version}, this edgekit knows {len(MIGRATIONS)}",
            hint="use the edgekit that wrote it, or another place with --database",
        )
    return version == len(MIGRATIONS)


def _make_current(path: Path) -> None:
    with _lock(path, fcntl.LOCK_EX):
        if is_unfinished(path):
            return  # another process was killed just now while it set the database aside
        with closing(_open(path)) as connection:
            migrate(connection)


def _check_ours(path: Path) -> None:
    """Refuse a file of another program before anything is done to it.

    A damaged file may have lost its header; the lock file beside it tells that it was ours.
    """
    if not path.exists() or _lock_path(path).exists():
        return
    with path.open("rb") as file:
        header = file.read(100)
    if header and header[68:72] != APPLICATION_ID.to_bytes(4, "big"):
        raise RecordsError(
            path, "it is another program's file", hint="give the path of a database of results"
        )


def _open(path: Path, *, writable: bool = True) -> sqlite3.Connection:
    if writable:
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    # Nobody can write there, also not the shared memory that a log is read through.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )


def _lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


@contextmanager
def _lock(path: Path, operation: int) -> Iterator[bool]:
    """Hold the lock of a database, shared or alone; yields whether its folder can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _lock_path(path).open("w")
    except OSError as error:
        if operation == fcntl.LOCK_EX or error.errno not in _REFUSALS or not path.exists():
            raise
        yield False  # where nothing can be written nothing can be set aside either
        return
    with file:
        fcntl.flock(file, operation)
        yield True


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the system into ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = _code(error)
        if code in _DAMAGE:
            raise DamagedError from error
        hint = _HINTS.get(code, "check the path, its permissions and the disk")
        raise RecordsError(path, str(error), hint=hint) from error
    except OSError as error:
        why = f"{error.filename or path}: {error.strerror or error}"
        raise RecordsError(path, why, hint=_HINTS[sqlite3.SQLITE_CANTOPEN]) from error


def _code(error: sqlite3.Error) -> int:
    """Return the primary code of an error, 0 for those of the module itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
