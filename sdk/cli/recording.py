"""What commands share that keep results, or find them again: the database, and how to say so."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgekit.errors import EdgekitError

if TYPE_CHECKING:
    from edgekit.benchmarks.records import ResultsDatabase

__all__ = ["database_option", "keep", "opened_database", "report_recovery"]


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


def keep(document: dict[str, Any], path: Path | None, *, kind: str | None = None) -> str | None:
    """Record a result and return the short form of its id.

    What cannot be recorded is still there to be shown: an error becomes a warning on standard
    error, and None is returned.

    Args:
        document: The result as JSON.
        path: The database, None for the user's own.
        kind: What the document is, where it does not say so itself.
    """
    from edgekit.benchmarks.records import SHORT_ID, Record

    database = opened_database(path)
    try:
        record = Record.of(document, kind)
        database.add(record)
    except EdgekitError as error:
        sys.stderr.write(f"warning: the result is not recorded: {error}\n")
        return None
    finally:
        report_recovery(database)
    return record.id[:SHORT_ID]
