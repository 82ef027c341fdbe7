"""What is said of a series of latencies: order statistics, because latencies are not normal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = [
    "OrderInterval",
    "geometric_mean",
    "mad",
    "median",
    "median_interval",
    "order_interval",
    "p50",
    "p90",
    "p99",
    "percentile",
    "throughput",
    "trend_p_value",
]


def percentile(samples: ArrayLike, percent: float) -> float:
    """Return the value below which ``percent`` % of the samples lie.

    Between two samples it is interpolated linearly: definition 7 of Hyndman and Fan, "Sample
    Quantiles in Statistical Packages" (The American Statistician, 1996), NumPy's default.

    Args:
        samples: At least one number.
        percent: Between 0 and 100.

    Raises:
        InvalidOptionError: There are no samples, or ``percent`` is out of range.
    """
    if not 0 <= percent <= 100:
        raise InvalidOptionError("percent", percent, "between 0 and 100")
    return float(np.percentile(_checked(samples), percent, method="linear"))


def p50(samples: ArrayLike) -> float:
    """Return the 50th percentile, which is the median."""
    return percentile(samples, 50)


def p90(samples: ArrayLike) -> float:
    """Return the 90th percentile."""
    return percentile(samples, 90)


def p99(samples: ArrayLike) -> float:
    """Return the 99th percentile; it says little about fewer than some hundred samples."""
    return percentile(samples, 99)


def median(samples: ArrayLike) -> float:
    """Return the middle sample, or the mean of the two in the middle."""
    return float(np.median(_checked(samples)))


def geometric_mean(samples: ArrayLike) -> float:
    """Return the exponential of the mean logarithm, whose ratios are means of ratios.

    Args:
        samples: At least one number, all positive.

    Raises:
        InvalidOptionError: There are no samples, or one is not positive.
    """
    values = _checked(samples)
    if not (values > 0).all():
        raise InvalidOptionError("samples", float(values.min()), "positive numbers")
    return float(np.exp(np.log(values).mean()))


def mad(samples: ArrayLike) -> float:
    """Return the median absolute deviation from the median.

    It is not scaled: for normally distributed samples it is 0.6745 standard deviations.
    """
    values = _checked(samples)
    return float(np.median(np.abs(values - np.median(values))))


def median_interval(
    samples: ArrayLike, *, seed: int, confidence: float = 0.95, resamples: int = 2000
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the median.

    (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.) The samples
    are taken as independent; latencies that drift together make the true interval wider.

    The resamples are not drawn one by one. The median of a resample is the sample whose rank is
    that of the middle of n uniform ranks, and order statistics of uniform numbers are known:
    the k-th of n has the distribution Beta(k, n - k + 1) (David and Nagaraja, "Order
    Statistics", 2003, section 2.1). The result has the same distribution, at a cost that does
    not grow with the number of samples.

    Args:
        samples: At least one number.
        seed: The same seed gives the same interval.
        confidence: Between 0 and 1.
        resamples: How many medians to draw.

    Raises:
        InvalidOptionError: There are no samples, or ``confidence`` is out of range.
    """
    if not 0 < confidence < 1:
        raise InvalidOptionError("confidence", confidence, "between 0 and 1")
    ordered = np.sort(_checked(samples))
    generator = np.random.default_rng(seed)
    size = ordered.size
    middle = (size + 1) // 2
    lower = generator.beta(middle, size - middle + 1, resamples)
    medians = _at(ordered, lower)
    if size % 2 == 0:
        # Given the lower one, the upper middle is the least of the rest, uniform above it.
        rest = size - middle
        upper = 1 - (1 - lower) * generator.random(resamples) ** (1 / rest)
        medians = (medians + _at(ordered, upper)) / 2
    tail = 50 * (1 - confidence)
    low, high = np.percentile(medians, (tail, 100 - tail))
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class OrderInterval:
    """An interval of a median that ends at two of the values.

    Attributes:
        low: Lower end.
        high: Upper end.
        coverage: Probability that it holds the true median.
    """

    low: float
    high: float
    coverage: float


def order_interval(values: ArrayLike, *, coverage: float = 0.93) -> OrderInterval:
    """Return the narrowest interval of order statistics with at least a given coverage.

    The k-th smallest and the k-th largest of n independent values enclose the median of their
    distribution, whatever it is, with the probability that neither fewer than k of them lie
    below it nor fewer than k above: 1 - 2 P(B < k) for B binomial (n, 1/2) (David and Nagaraja,
    "Order Statistics", 2003, section 7.1). With few values the widest interval may not reach
    ``coverage``: five reach 0.9375, four 0.875, one 0.

    Args:
        values: At least one number.
        coverage: Between 0 and 1.

    Raises:
        InvalidOptionError: There are no values, or ``coverage`` is out of range.
    """
    if not 0 <= coverage < 1:
        raise InvalidOptionError("coverage", coverage, "between 0 and 1")
    ordered = np.sort(_checked(values))
    size = ordered.size
    outside = 2 * 0.5**size  # that all values lie on one side of the median
    rank, reached = 1, 1 - outside
    while rank < (size + 1) // 2:
        outside += 2 * math.comb(size, rank) * 0.5**size
        if 1 - outside < coverage:
            break
        rank, reached = rank + 1, 1 - outside
    return OrderInterval(float(ordered[rank - 1]), float(ordered[size - rank]), max(0.0, reached))


def trend_p_value(values: ArrayLike) -> float:
    """Return how likely values without a trend would rise or fall as steadily as these.

    The two-sided test of Mann ("Nonparametric Tests Against Trend", Econometrica, 1945): the
    number of pairs that rise less those that fall, by its exact distribution over all orders
    of the values, which the number of discordant pairs has (Kendall, "Rank Correlation
    Methods", 1948, chapter 5). Equal values count as neither, which makes the test cautious.

    Args:
        values: In the order of observation.

    Raises:
        InvalidOptionError: There are no values.
    """
    series = _checked(values)
    size = series.size
    later, earlier = np.triu_indices(size, 1)[::-1]
    score = abs(int(np.sign(series[later] - series[earlier]).sum()))
    # Among all orders of n values, how many have how many falling pairs: each value brings as
    # many as there are places before those already placed.
    counts = np.ones(1)
    for place in range(1, size + 1):
        counts = np.convolve(counts, np.full(place, 1 / place))
    pairs = size * (size - 1) // 2
    scores = np.abs(pairs - 2 * np.arange(pairs + 1))
    return min(1.0, float(counts[scores >= score].sum()))


def throughput(samples_us: ArrayLike) -> float:
    """Return inferences per second, one after the other: their number over their total time.

    Args:
        samples_us: Latencies in microseconds.
    """
    values = _checked(samples_us)
    return float(1e6 * values.size / values.sum())


def _at(ordered: NDArray[np.float64], fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.minimum((fractions * ordered.size).astype(np.int64), ordered.size - 1)
    return ordered[ranks]


def _checked(samples: ArrayLike | Sequence[float]) -> NDArray[np.float64]:
    values = np.asarray(samples, np.float64)
    if values.size == 0:
        raise InvalidOptionError("samples", "empty", "at least one number")
    return values
