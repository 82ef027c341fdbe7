"""How often a tensor takes which values: a histogram of bounded size whose range grows.

Bins are as wide as a power of two and begin at its multiples. So the bins of a doubled width
are pairs of the bins before, and nothing is lost or guessed when the range grows: counts do
not depend on the order of samples, and are those of all samples seen at once.
"""

import math

import numpy as np
import numpy.typing as npt

__all__ = ["LIMIT", "Histogram"]

LIMIT = 4096
"""The most bins of a histogram; a range wider than nothing has more than half as many."""

_FINEST = -140  # exponent of the width before any value but zero was seen


class Histogram:
    """Counts of values in bins of one width, from zero or the least value to the greatest.

    Attributes:
        low: The least value seen, exact; infinite before the first.
        high: The greatest value seen, exact.
        zeros: How many values were exactly zero; they are in no bin.
        counts: Values in each bin, int64.
        first: Number of the first bin; bin ``n`` holds ``n * width <= value < (n + 1) * width``.
        exponent: Of the width, which is a power of two.
    """

    __slots__ = ("counts", "exponent", "first", "high", "low", "zeros")

    def __init__(self) -> None:
        self.low = math.inf
        self.high = -math.inf
        self.zeros = 0
        self.counts: npt.NDArray[np.int64] = np.zeros(1, np.int64)
        self.first = 0
        self.exponent = _FINEST

    @property
    def width(self) -> float:
        """The width of a bin."""
        return math.ldexp(1.0, self.exponent)

    @property
    def centres(self) -> npt.NDArray[np.float64]:
        """The middle of each bin."""
        numbers = self.first + np.arange(len(self.counts), dtype=np.float64)
        centres: npt.NDArray[np.float64] = (numbers + 0.5) * self.width
        return centres

    def add(self, values: npt.NDArray[np.floating]) -> None:
        """Count finite values, at least one."""
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        self._grow()
        others = values[values != 0]
        self.zeros += values.size - others.size
        places = np.multiply(others, math.ldexp(1.0, -self.exponent), dtype=np.float64)
        bins = np.floor(places).astype(np.int64)
        self.counts += np.bincount(bins - self.first, minlength=len(self.counts))

    def _grow(self) -> None:
        """Make room for what was seen: double the width as often as it takes."""
        exponent = self.exponent
        while self._last(exponent) - self._first(exponent) >= LIMIT:
            exponent += 1
        first, last = self._first(exponent), self._last(exponent)
        if (exponent, first, last - first + 1) == (self.exponent, self.first, len(self.counts)):
            return
        shift = min(exponent - self.exponent, 63)  # by 63 on, only the sign is left
        places = ((self.first + np.arange(len(self.counts))) >> shift) - first
        counts = np.zeros(last - first + 1, np.int64)
        np.add.at(counts, places, self.counts)
        self.counts, self.first, self.exponent = counts, first, exponent

    def _first(self, exponent: int) -> int:
        return math.floor(math.ldexp(min(self.low, 0.0), -exponent))

    def _last(self, exponent: int) -> int:
        return math.floor(math.ldexp(max(self.high, 0.0), -exponent))
