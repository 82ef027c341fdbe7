"""A damaged database set aside, a new one begun, and what is whole in the old one brought over."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edgekit.benchmarks.records.errors import DocumentError
from edgekit.benchmarks.records.pages import read_rows
from edgekit.benchmarks.records.record import Record
from edgekit.benchmarks.records.rows import insert, row_values
from edgekit.benchmarks.records.schema import migrate
from edgekit.files import atomic_write

__all__ = ["Recovery", "is_unfinished", "set_aside"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of a damaged database.

    Attributes:
        folder: Where its files are now.
        salvaged: Records that were whole, and are in the new database.
        lost: Records that are known to have been there and were not whole.
    """

    folder: Path
    salvaged: int
    lost: int

    def __str__(self) -> str:
        return (
            f"the database of results was damaged: {self.salvaged} records were saved, "
            f"{self.lost} lost; the damaged files are in {self.folder}"
        )


def is_unfinished(path: Path) -> bool:
    """Whether a process was killed while it set a database aside."""
    return _marker(path).exists()


def set_aside(path: Path) -> Recovery:
    """Move a damaged database away and put a new one in its place. Nobody else may have it open.

    A process that is killed at any step leaves a marker with the folder's name, and the next
    one goes on from there: files move in a fixed order, the database itself last, and the new
    one appears whole.

    Raises:
        OSError: A file cannot be moved, read or written.
        sqlite3.Error: The new database cannot be written.
    """
    marker = _marker(path)
    if not marker.exists():
        date = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        atomic_write(marker, f"{path.name}.damaged-{date}\n")
    folder = path.with_name(marker.read_text().strip())
    folder.mkdir(exist_ok=True)
    damaged = folder / path.name
    if not damaged.exists():
        for suffix in ("-shm", "-wal", ""):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").replace(f"{damaged}{suffix}")
    fresh = path.with_name(f"{path.name}.new")
    recovery = _salvage(damaged, fresh, folder)
    for suffix in ("-shm", "-wal"):  # a log would be taken for that of the new database
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    fresh.replace(path)
    marker.unlink()
    return recovery


def _salvage(damaged: Path, fresh: Path, folder: Path) -> Recovery:
    """Write a new database with every record of the damaged one that is whole."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{fresh}{suffix}").unlink(missing_ok=True)
    salvaged, highest = 0, 0
    # Closing the only connection empties the log into the file, which is then complete by itself.
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        for number, record in _records(damaged):
            salvaged += insert(connection, row_values(record)) if record else 0
            highest = max(highest, number)
        connection.execute("COMMIT")
    # Numbers are given in order and never taken back, so that gaps are records that were lost.
    return Recovery(folder, salvaged, max(0, highest - salvaged))


def _records(damaged: Path) -> Iterator[tuple[int, Record | None]]:
    """Yield the number of each row of a damaged file with its record, None if that is not whole.

    It is whole if its content has the hash that is its id.
    """
    if not damaged.exists():
        return
    for number, fields in read_rows(damaged):
        if len(fields) < 3 or not re.fullmatch(b"[0-9a-f]{64}", fields[0]):
            continue  # of another table
        try:
            record = Record.from_content(fields[-1])
        except DocumentError:
            yield number, None
        else:
            yield number, record if record.id.encode() == fields[0] else None


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.recovering")
