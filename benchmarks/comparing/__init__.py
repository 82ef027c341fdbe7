"""Holds two bundles, or two results, against each other: ratio, interval and verdict."""

from edgekit.benchmarks.comparing.comparison import Comparison, Subject, Verdict
from edgekit.benchmarks.comparing.groups import BlockGroup
from edgekit.benchmarks.comparing.interleaving import compare_bundles
from edgekit.benchmarks.comparing.metadata import (
    Difference,
    MetadataMismatchError,
    check_comparable,
    differences,
)
from edgekit.benchmarks.comparing.options import CompareOptions
from edgekit.benchmarks.comparing.ratio import RatioEstimate, paired_ratio, separate_ratio
from edgekit.benchmarks.comparing.results import compare_results

__all__ = [
    "BlockGroup",
    "CompareOptions",
    "Comparison",
    "Difference",
    "MetadataMismatchError",
    "RatioEstimate",
    "Subject",
    "Verdict",
    "check_comparable",
    "compare_bundles",
    "compare_results",
    "differences",
    "paired_ratio",
    "separate_ratio",
]
