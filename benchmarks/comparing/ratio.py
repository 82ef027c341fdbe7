"""The ratio of two latencies with a bootstrap interval that knows what belongs together.

Blocks that ran beside each other share the state of the machine, so their ratio is formed
first; blocks of the same loading share where memory lies, so loadings are resampled first and
blocks within them second (Davison and Hinkley, "Bootstrap Methods and their Application", 1997,
section 3.8: hierarchical data). Intervals are percentile intervals (Efron and Tibshirani, "An
Introduction to the Bootstrap", 1993, chapter 13).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.comparing.groups import BlockGroup
from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["CONFIDENCE", "RUN_TO_RUN", "RatioEstimate", "paired_ratio", "separate_ratio"]

CONFIDENCE = 0.95
# By how much the median of a run may differ from that of another run of the same model, with
# windows that agree: see docs/figures/compare_verdicts.json.
RUN_TO_RUN = 0.02
_RESAMPLES = 4000


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """How many times as long the second takes as the first.

    Attributes:
        ratio: Above 1 where the second is slower.
        low: Lower end of the interval.
        high: Upper end.
    """

    ratio: float
    low: float
    high: float


def paired_ratio(groups: Sequence[BlockGroup], *, seed: int) -> RatioEstimate:
    """Return the ratio of models that ran in turns: median over loadings of the median ratio.

    Args:
        groups: One for each loading, with as many blocks of the first as of the second.
        seed: The same seed gives the same interval.

    Raises:
        InvalidOptionError: There are no groups, or blocks without their pair.
    """
    if not groups:
        raise InvalidOptionError("groups", "empty", "at least one")
    generator = np.random.default_rng(seed)
    centers, resampled = [], []
    for group in groups:
        if not group.first_us or len(group.first_us) != len(group.second_us):
            counts = (len(group.first_us), len(group.second_us))
            raise InvalidOptionError("blocks", counts, "as many of the first as of the second")
        logs = np.log(np.divide(group.second_us, group.first_us))
        centers.append(float(np.median(logs)))
        resampled.append(_resampled_medians(logs, generator))
    loads = generator.integers(0, len(groups), (_RESAMPLES, len(groups)))
    within = generator.integers(0, _RESAMPLES, loads.shape)
    draws = np.median(np.array(resampled)[loads, within], axis=1)
    return _estimate(float(np.median(centers)), draws)


def separate_ratio(
    first_us: Sequence[float], second_us: Sequence[float], *, seed: int
) -> RatioEstimate:
    """Return the ratio of the medians of blocks that did not run beside each other.

    What varies within each run is in the interval by a bootstrap; what varies from run to run
    only many runs could show, so that `RUN_TO_RUN` is added to both ends.

    Args:
        first_us: At least one latency.
        second_us: At least one latency.
        seed: The same seed gives the same interval.

    Raises:
        InvalidOptionError: There are no latencies.
    """
    if not first_us or not second_us:
        raise InvalidOptionError("blocks", "empty", "at least one of each")
    generator = np.random.default_rng(seed)
    first, second = np.log(first_us), np.log(second_us)
    draws = _resampled_medians(second, generator) - _resampled_medians(first, generator)
    apart = _estimate(float(np.median(second) - np.median(first)), draws)
    widened = 1 + RUN_TO_RUN
    return RatioEstimate(apart.ratio, apart.low / widened, apart.high * widened)


def _resampled_medians(
    values: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    chosen = generator.integers(0, len(values), (_RESAMPLES, len(values)))
    return np.asarray(np.median(values[chosen], axis=1), np.float64)


def _estimate(center: float, draws: NDArray[np.float64]) -> RatioEstimate:
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(draws, (tail, 100 - tail))
    # The estimate of few values can lie at the very end of what is drawn.
    ratio, low, high = np.exp([center, min(low, center), max(high, center)]).tolist()
    return RatioEstimate(ratio, low, high)
