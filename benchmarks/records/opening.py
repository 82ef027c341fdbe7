"""A result by what a user types: the path of a file, or the beginning of a record's id."""

import re
from pathlib import Path

from edgekit.benchmarks.records.database import ResultsDatabase
from edgekit.benchmarks.records.exchange import read_records
from edgekit.benchmarks.records.record import Record
from edgekit.errors import UnreadableFileError

__all__ = ["open_result"]


def open_result(text: str, database: ResultsDatabase | None = None) -> Record:
    """Return a result from a file or from the database; a file of that name comes first.

    Args:
        text: Path of a JSON file with one result, or the beginning of an id.
        database: Where to look for ids; the user's own by default.

    Raises:
        UnreadableFileError: There is no such file, or it holds no result, or several.
        UnknownRecordError: No record has such an id, or more than one.
        RecordsError: The database cannot be read.
    """
    path = Path(text)
    if not path.exists() and re.fullmatch("[0-9a-fA-F]{4,64}", text):
        return (database or ResultsDatabase()).get(text)
    if not path.exists():
        raise UnreadableFileError(
            path,
            "no such file, and no id of a record",
            hint="`edgekit results list` shows ids; give at least four of their digits",
        )
    records = read_records(path)
    if len(records) != 1:
        raise UnreadableFileError(
            path,
            f"it holds {len(records)} results",
            hint="`edgekit results import` takes all of them; then give an id",
        )
    return records[0]
