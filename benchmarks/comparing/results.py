"""Compare two results that were measured apart, for example before and after a change."""

from collections.abc import Sequence

from edgekit.benchmarks.comparing.comparison import Comparison, Subject
from edgekit.benchmarks.comparing.groups import BlockGroup
from edgekit.benchmarks.comparing.metadata import MetadataMismatchError, differences
from edgekit.benchmarks.result import BenchmarkResult

__all__ = ["RESULTS_THRESHOLD", "compare_results"]

# Two runs of the same bundle differ by some per cent, for example by where memory lies.
RESULTS_THRESHOLD = 0.03


def compare_results(
    first: BenchmarkResult,
    second: BenchmarkResult,
    *,
    sources: Sequence[str] = ("first", "second"),
    threshold: float = RESULTS_THRESHOLD,
    force: bool = False,
) -> Comparison:
    """Compare two results by the medians of their windows.

    They did not run beside each other, so that less can be told than by
    `edgekit.benchmarks.comparing.compare_bundles`: interval and threshold have to cover what
    varies from run to run.

    Args:
        first: What the ratio is over, for example of the old model.
        second: What is judged.
        sources: Where the two are from, for the reader.
        threshold: Least relative difference that is called one.
        force: Compare them though they were not made alike.

    Raises:
        MetadataMismatchError: They were not made alike, and ``force`` is not set.
        InvalidOptionError: The threshold is out of range.
    """
    found = differences(first, second)
    if found and not force:
        raise MetadataMismatchError(found)
    medians = (tuple(window.median_us for window in result.windows) for result in (first, second))
    return Comparison(
        first=Subject(first.model, sources[0], first.model_sha256),
        second=Subject(second.model, sources[1], second.model_sha256),
        target=second.target,
        provenance=second.provenance,
        inputs=second.inputs,
        started_at=second.started_at,
        threshold=threshold,
        options=None,
        environment=second.environment,
        groups=(BlockGroup(*medians),),
        forced=tuple(map(str, found)),
        doubts=tuple(
            f"{source}: {reason}"
            for source, result in zip(sources, (first, second), strict=True)
            for reason in result.unstable_reasons
        ),
    )
