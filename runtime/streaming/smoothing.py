"""Averages the scores of successive windows, so that one odd window decides nothing."""

import numpy as np
from numpy.typing import NDArray

from edgekit.runtime.streaming.errors import SampleMismatchError, StreamSettingError

__all__ = ["MovingAverage"]


class MovingAverage:
    """The mean of each class's scores over the last windows.

    For window ``j``: ``s_j = (p_k + ... + p_j) / (j - k + 1)`` with
    ``k = max(1, j - windows + 1)``, so that the first windows are averaged over those that there
    are. Source: G. Chen, C. Parada, G. Heigold, "Small-footprint keyword spotting using deep
    neural networks", ICASSP 2014 (posterior smoothing).

    Summed anew each time, in float64: no error adds up however long the stream is.

    Args:
        windows: Over how many windows, at least 1 (no smoothing).
        classes: How many scores a window has.

    Raises:
        StreamSettingError: A number is not positive.
    """

    def __init__(self, windows: int, classes: int) -> None:
        for name, value in (("windows", windows), ("classes", classes)):
            if value < 1:
                raise StreamSettingError(name, str(value), hint="give 1 or more")
        self._rows = np.zeros((windows, classes))
        self._count = 0

    def update(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the smoothed scores ``[classes]``, with those of a new window.

        Raises:
            SampleMismatchError: Another number of scores, or one that is not finite.
        """
        if scores.shape != self._rows.shape[1:] or not np.isfinite(scores).all():
            raise SampleMismatchError(
                f"scores of shape {scores.shape} were given, {self._rows.shape[1]} finite ones "
                "are taken",
                hint="give one vector of scores for each window",
            )
        self._rows[self._count % len(self._rows)] = scores
        self._count += 1
        mean: NDArray[np.float64] = self._rows[: self._count].mean(axis=0)
        return mean

    def reset(self) -> None:
        """Forget all windows, as after a gap in the stream."""
        self._count = 0
