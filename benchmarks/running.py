"""Runs a session and holds it to its contract."""

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import TargetError
from edgekit.benchmarks.target import Session, Target

__all__ = ["run_checked"]


def run_checked(target: Target, session: Session, count: int) -> NDArray[np.float64]:
    """Return the latencies of ``count`` inferences in microseconds.

    Raises:
        TargetError: The target failed, or returned too few, too many or impossible latencies.
    """
    latencies = np.asarray(session.run(count), np.float64)
    if latencies.shape != (count,):
        ran = f"it ran {latencies.size} inferences instead of {count}"
        raise TargetError(target.name, ran)
    if not (np.isfinite(latencies).all() and (latencies > 0).all()):
        raise TargetError(target.name, "it returned a latency that is no positive number")
    return latencies
