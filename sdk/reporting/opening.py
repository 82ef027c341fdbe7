"""What a report is made from: files by their names, recorded results by their ids."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from edgekit.benchmarks import BenchmarkResult
from edgekit.benchmarks.records import open_benchmark
from edgekit.bundle import Bundle

__all__ = ["open_items"]


def open_items(items: Sequence[str]) -> tuple[list[BenchmarkResult], list[Bundle]]:
    """Read results and bundles, each by its content.

    Args:
        items: Paths, or beginnings of ids of recorded results.

    Raises:
        UnreadableFileError: One is neither a result nor a bundle.
        UnknownRecordError: No record has such an id, or more than one.
        UnreadableRecordError: A record is no result of a benchmark.
        BundleError: A bundle cannot be trusted.
    """
    results, bundles = [], []
    for text in items:
        path = Path(text)
        if path.suffix == ".edgekit" or zipfile.is_zipfile(path):
            bundles.append(Bundle.open(path))
        else:
            results.append(open_benchmark(text))
    return results, bundles
