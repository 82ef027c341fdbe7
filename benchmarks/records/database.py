"""The database of results: one SQLite file that many processes may write to at once."""

import os
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from edgekit.benchmarks.records.connecting import DamagedError, connected, recover
from edgekit.benchmarks.records.errors import DocumentError, RecordsError, UnknownRecordError
from edgekit.benchmarks.records.filters import RecordFilter
from edgekit.benchmarks.records.record import Record
from edgekit.benchmarks.records.rows import Row, insert, row_values, select, select_record
from edgekit.benchmarks.records.salvage import Recovery, is_unfinished

__all__ = ["PATH_VARIABLE", "ResultsDatabase", "default_path"]

PATH_VARIABLE = "EDGEKIT_RESULTS"

_MOST_SHOWN = 10  # ids with the same beginning

T = TypeVar("T")


def default_path() -> Path:
    """Return ``$EDGEKIT_RESULTS``, or the database in the user's data folder."""
    import platformdirs

    chosen = os.environ.get(PATH_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("edgekit") / "results.sqlite3"


class ResultsDatabase:
    """Records in one SQLite file with a write-ahead log.

    When `add` returns, the record is on the disk: a process that is killed, or a loss of power,
    takes nothing that was acknowledged. Processes wait for each other. Every record is named by
    its hash, and checked against it when it is read.

    The first use in a process reads the whole file and looks for damage. A damaged file is set
    aside, with its log, in a folder beside it; a new one takes its place, with every record that
    was whole; `recovery` says so.

    Nothing is made before the first record is added. Not for several threads at once.

    Args:
        path: The file; `default_path` by default.

    Attributes:
        path: The file.
        recovery: What became of a file that was found damaged, None if none was.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self.recovery: Recovery | None = None
        self._checked = False

    def add(self, *records: Record) -> int:
        """Add records, all or none; return how many were not there yet.

        Raises:
            RecordsError: No space, no permission, or another program's file.
        """
        prepared = [row_values(record) for record in records]  # not while others wait

        def write(connection: Connection) -> int:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            added = sum(insert(connection, values) for values in prepared)
            connection.execute("COMMIT")
            return added

        return self._with_connection(write)

    def rows(self, wanted: RecordFilter | None = None, *, limit: int | None = None) -> list[Row]:
        """Return the records that are wanted, newest first, without their documents.

        Raises:
            RecordsError: The database cannot be read.
        """
        if self._is_absent():
            return []
        return self._with_connection(lambda each: select(each, wanted or RecordFilter(), limit))

    def get(self, prefix: str) -> Record:
        """Return the record whose id begins as given.

        Raises:
            UnknownRecordError: None does, or more than one.
            RecordsError: The database cannot be read.
        """
        if self._is_absent():
            raise UnknownRecordError(prefix)
        return self._with_connection(lambda each: _record(each, _full_id(each, prefix)))

    def records(self, wanted: RecordFilter | None = None) -> list[Record]:
        """Return the records that are wanted, newest first, with their documents.

        Raises:
            RecordsError: The database cannot be read.
        """
        if self._is_absent():
            return []
        chosen = wanted or RecordFilter()
        return self._with_connection(
            lambda each: [_record(each, row.id) for row in select(each, chosen, None)]
        )

    def _is_absent(self) -> bool:
        return not self.path.exists() and not is_unfinished(self.path)

    def _with_connection(self, work: Callable[[Connection], T]) -> T:
        """Do something with a connection, again with a new database if this one is damaged."""
        for _ in range(3):
            try:
                with connected(self.path, check=not self._checked) as connection:
                    self._checked = True
                    return work(connection)
            except DamagedError:
                self.recovery = recover(self.path) or self.recovery
        raise RecordsError(
            self.path, "it is damaged again and again", hint="check the disk that it is on"
        )


def _full_id(connection: Connection, prefix: str) -> str:
    """Return the one id that begins as given."""
    first = prefix.lower()
    # "g" is the first letter that is no hexadecimal digit.
    statement = "SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
    found = connection.execute(statement, (first, f"{first}g", _MOST_SHOWN)).fetchall()
    if len(found) != 1:
        raise UnknownRecordError(prefix, [identity for (identity,) in found])
    return str(found[0][0])


def _record(connection: Connection, identity: str) -> Record:
    try:
        record = select_record(connection, identity)
    except DocumentError as error:
        raise DamagedError from error
    if record is None:
        raise UnknownRecordError(identity)
    return record
