"""A result by what a user types: the path of a file, or the beginning of a record's id."""

import re
from pathlib import Path

from edgekit.benchmarks.records.database import ResultsDatabase
from edgekit.benchmarks.records.errors import UnreadableRecordError
from edgekit.benchmarks.records.exchange import read_records
from edgekit.benchmarks.records.record import BENCHMARK, SHORT_ID, Record
from edgekit.benchmarks.result import BenchmarkResult
from edgekit.errors import EdgekitError, UnreadableFileError

__all__ = ["names_record", "open_benchmark", "open_result"]


def open_benchmark(text: str, database: ResultsDatabase | None = None) -> BenchmarkResult:
    """Return the result of a benchmark, found as `open_result` finds it.

    Raises:
        UnreadableFileError: There is no such file, or it holds something else.
        UnknownRecordError: No record has such an id, or more than one.
        UnreadableRecordError: The record is of another kind, or of an older form.
        RecordsError: The database cannot be read.
    """
    record = open_result(text, database)
    if record.kind != BENCHMARK:
        raise _unreadable(text, record, f"it is of kind {record.kind}, not {BENCHMARK}")
    try:
        return BenchmarkResult.from_json(record.document)
    except EdgekitError as error:
        raise _unreadable(text, record, error.message, error.hint) from error


def names_record(text: str) -> bool:
    """Whether a text is taken for the beginning of an id: hexadecimal, and no file."""
    return bool(re.fullmatch("[0-9a-fA-F]{4,64}", text)) and not Path(text).exists()


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
    if names_record(text):
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


def _unreadable(text: str, record: Record, why: str, hint: str | None = None) -> EdgekitError:
    """Return the error that names the result as the user did."""
    if names_record(text):
        return UnreadableRecordError(record.id[:SHORT_ID], why, hint)
    return UnreadableFileError(text, why, hint=hint)
