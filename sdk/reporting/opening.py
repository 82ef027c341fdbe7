"""What a report is made from: files by their names, recorded results by their ids."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edgekit.benchmarks import BenchmarkResult
from edgekit.benchmarks.comparing import Comparison
from edgekit.benchmarks.emulator import EmulationResult
from edgekit.benchmarks.engines import EngineTable
from edgekit.benchmarks.profiling import Profile
from edgekit.benchmarks.records import (
    BENCHMARK,
    COMPARISON,
    EMULATION,
    ENGINES,
    PROFILE,
    SHORT_ID,
    Record,
    ResultsDatabase,
    UnreadableRecordError,
    open_result,
)
from edgekit.bundle import Bundle
from edgekit.errors import EdgekitError, UnreadableFileError
from edgekit.reporting.evidence import Evidence

__all__ = ["open_items"]

_READERS: dict[str, Callable[[Any], Any]] = {
    BENCHMARK: BenchmarkResult.from_json,
    COMPARISON: Comparison.from_json,
    EMULATION: EmulationResult.from_json,
    ENGINES: EngineTable.from_json,
    PROFILE: Profile.from_json,
}


def open_items(items: Sequence[str], database: ResultsDatabase | None = None) -> Evidence:
    """Read results and bundles, each by its content.

    Args:
        items: Paths, or beginnings of ids of recorded results.
        database: Where to look for ids; the user's own by default.

    Raises:
        UnreadableFileError: One is neither a result nor a bundle.
        UnknownRecordError: No record has such an id, or more than one.
        UnreadableRecordError: A record is of a kind that reports don't know, or of another form.
        BundleError: A bundle cannot be trusted.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _READERS}
    bundles = []
    for text in items:
        path = Path(text)
        if path.suffix == ".edgekit" or zipfile.is_zipfile(path):
            bundles.append(Bundle.open(path))
        else:
            record = open_result(text, database)
            found.setdefault(record.kind, []).append(_read(text, record))
    return Evidence(
        results=tuple(found[BENCHMARK]),
        bundles=tuple(bundles),
        comparisons=tuple(found[COMPARISON]),
        tables=tuple(found[ENGINES]),
        profiles=tuple(found[PROFILE]),
        emulations=tuple(found[EMULATION]),
    )


def _read(text: str, record: Record) -> Any:
    """Return a record's document as what it is, or say by its name why not."""
    try:
        if record.kind not in _READERS:
            known = ", ".join(sorted(_READERS))
            raise UnreadableRecordError(
                record.id[:SHORT_ID], f"it is of kind {record.kind}, reports know {known}"
            )
        return _READERS[record.kind](record.document)
    except EdgekitError as error:
        if Path(text).exists():
            raise UnreadableFileError(text, error.message, hint=error.hint) from error
        raise
