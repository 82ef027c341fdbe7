"""What a report is made from, by the names of files."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from edgekit.benchmarks import BenchmarkResult
from edgekit.bundle import Bundle

__all__ = ["open_items"]


def open_items(items: Sequence[str]) -> tuple[list[BenchmarkResult], list[Bundle]]:
    """Read results and bundles, each by its content.

    Args:
        items: Paths.

    Raises:
        UnreadableFileError: One is neither a result nor a bundle.
        BundleError: A bundle cannot be trusted.
    """
    results, bundles = [], []
    for path in map(Path, items):
        if path.suffix == ".edgekit" or zipfile.is_zipfile(path):
            bundles.append(Bundle.open(path))
        else:
            results.append(BenchmarkResult.load(path))
    return results, bundles
