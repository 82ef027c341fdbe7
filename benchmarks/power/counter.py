"""Counters of limited width: what they counted, across wraps that can be told."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.benchmarks.power.errors import MeterError

__all__ = ["unwrap"]


def unwrap(
    times_s: ArrayLike, readings: ArrayLike, *, span: float, max_rate: float, meter: str
) -> NDArray[np.float64]:
    """Return what a wrapping counter counted since its first reading.

    Between two readings a counter that went down has wrapped once. It could also have wrapped
    more often, or once without going down; a pair of readings so far apart that this is possible
    is refused, because nothing in the readings tells these cases apart.

    Args:
        times_s: Times of the readings [n], rising.
        readings: Values of the counter [n], from 0 up to ``span``.
        span: At which value it starts again from 0.
        max_rate: How much it can count in a second at most.
        meter: Name of the meter, for errors.

    Raises:
        MeterError: Two readings are so far apart that the counter could have counted ``span``
            or more between them.
    """
    steps_s = np.diff(np.asarray(times_s, np.float64))
    longest_s = float(steps_s.max(initial=0.0))
    if longest_s * max_rate >= span:
        raise MeterError(
            meter,
            f"{longest_s:.3g} s passed between two readings; within {span / max_rate:.3g} s its "
            "counter can wrap, so how often it did cannot be told",
            hint="keep the machine from sleeping, read more often (rate_hz), and measure again",
        )
    steps = np.diff(np.asarray(readings, np.float64))
    return np.concatenate(([0.0], np.cumsum(np.where(steps < 0, steps + span, steps))))
