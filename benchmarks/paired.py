"""The ratio of two latencies that were measured in turns, with an interval."""

from collections.abc import Sequence

import numpy as np

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["paired_ratio_interval"]


def paired_ratio_interval(
    first: Sequence[float],
    second: Sequence[float],
    *,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the ratio of medians, first over second.

    What belongs together is resampled together: a machine that is slow for a while slows both
    values of a round, which leaves their ratio as it is. (Efron and Tibshirani, "An
    Introduction to the Bootstrap", 1993, chapters 8 and 13: the unit that is resampled is the
    one that is independent.)

    Args:
        first: One number a round.
        second: As many, of the same rounds in the same order; positive.
        seed: The same seed gives the same interval.
        confidence: Between 0 and 1.
        resamples: How many ratios to draw.

    Raises:
        InvalidOptionError: There are no rounds, or not the same, or ``confidence`` is out of
            range.
    """
    if not 0 < confidence < 1:
        raise InvalidOptionError("confidence", confidence, "between 0 and 1")
    if not first or len(first) != len(second):
        raise InvalidOptionError(
            "rounds", (len(first), len(second)), "the same number of values, at least one"
        )
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(first), (resamples, len(first)))
    above, below = (np.asarray(values, np.float64)[chosen] for values in (first, second))
    ratios = np.median(above, axis=1) / np.median(below, axis=1)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(ratios, (tail, 100 - tail))
    return float(low), float(high)
