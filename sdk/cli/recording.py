"""What commands share that keep results, or find them again: the database, and how to say so."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgekit.cli.output import Output
from edgekit.errors import EdgekitError

if TYPE_CHECKING:
    from edgekit.benchmarks.records import ResultsDatabase

__all__ = [
    "Recording",
    "database_option",
    "opened_database",
    "recording_options",
    "report_recovery",
]


@dataclass(frozen=True, slots=True)
class Recording:
    """Whether and where a command keeps its result.

    Attributes:
        wanted: Whether it is kept at all.
        database: Where, None for the user's own database.
    """

    wanted: bool
    database: Path | None

    def keep(self, document: dict[str, Any], output: Output, *, kind: str | None = None) -> str:
        """Record a result and return a sentence that says so, empty where there is nothing to say.

        With --json the sentence goes to standard error and is not returned. What cannot be
        recorded is still there to be shown: an error becomes a warning on standard error.

        Args:
            document: The result as JSON.
            output: How the command prints.
            kind: What the document is, where it does not say so itself.
        """
        from edgekit.benchmarks.records import SHORT_ID, Record

        if not self.wanted:
            return ""
        database = opened_database(self.database)
        try:
            record = Record.of(document, kind)
            database.add(record)
        except EdgekitError as error:
            sys.stderr.write(f"warning: the result is not recorded: {error}\n")
            return ""
        finally:
            report_recovery(database)
        said = f"recorded as {record.id[:SHORT_ID]}"
        if output.json:
            sys.stderr.write(f"{said}\n")
            return ""
        return said


def recording_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--no-record`` and ``--database``; they arrive as one ``recording``."""

    @click.option(
        "--record/--no-record",
        default=True,
        help="Keep the result in the database of results, or do not.  [default: record]",
    )
    @database_option
    @wraps(function)
    def recorded(*args: Any, record: bool, database: Path | None, **kwargs: Any) -> None:
        function(*args, recording=Recording(record, database), **kwargs)

    return recorded


def database_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--database``; it arrives as a path, None for the user's own."""
    return click.option(
        "--database",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The database of results.  [default: EDGEKIT_RESULTS, or one in your data folder]",
    )(function)


def opened_database(path: Path | None) -> "ResultsDatabase":
    """Return the database that the option chose."""
    from edgekit.benchmarks.records import ResultsDatabase

    return ResultsDatabase(path)


def report_recovery(database: "ResultsDatabase") -> None:
    """Say on standard error if the database was found damaged."""
    if database.recovery is not None:
        sys.stderr.write(f"warning: {database.recovery}\n")
