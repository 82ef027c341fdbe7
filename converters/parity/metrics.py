"""How far two tensors are apart: SQNR, cosine similarity, top-1 accuracy."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LOWEST_DB", "PairedSums", "sqnr_db"]

LOWEST_DB = -300.0  # stands for minus infinity, which JSON does not have


class PairedSums:
    """Sums over pairs of tensors that give SQNR and cosine without keeping the tensors.

    Equal infinities and NaN in both tensors count as equal and are left out of the sums; a
    value that is finite in one tensor alone makes the two as far apart as can be.
    """

    def __init__(self) -> None:
        self._broken = False
        self._signal = 0.0
        self._noise = 0.0
        self._product = 0.0
        self._other = 0.0
        self._integers = 0
        self._equal = 0

    def add(self, expected: npt.NDArray[Any], actual: npt.NDArray[Any]) -> None:
        """Take one more pair of arrays of the same shape."""
        if expected.dtype.kind in "iub":
            self._integers += expected.size
            self._equal += int(np.count_nonzero(expected == actual))
        first = expected.astype(np.float64).ravel()
        second = actual.astype(np.float64).ravel()
        finite = np.isfinite(first) & np.isfinite(second)
        if not finite.all():
            others = first[~finite], second[~finite]
            self._broken |= not np.array_equal(*others, equal_nan=True)
            first, second = first[finite], second[finite]
        self._signal += float(first @ first)
        self._other += float(second @ second)
        self._product += float(first @ second)
        difference = first - second
        self._noise += float(difference @ difference)

    @property
    def equal_percent(self) -> float | None:
        """How many values of integer tensors are equal, None for floats.

        Indices and classes have no distance: 7 is as wrong for 8 as for 80.
        """
        return 100.0 * self._equal / self._integers if self._integers else None

    @property
    def sqnr_db(self) -> float:
        """Signal to quantization noise ratio, ``10 log10(sum x^2 / sum (x - y)^2)``, in dB.

        Infinite where the tensors are equal, `LOWEST_DB` where the first is zero everywhere or
        only one of them is finite.
        """
        if self._broken:
            return LOWEST_DB
        if self._noise == 0.0:
            return math.inf
        if self._signal == 0.0:
            return LOWEST_DB
        return max(LOWEST_DB, 10.0 * (math.log10(self._signal) - math.log10(self._noise)))

    @property
    def cosine(self) -> float:
        """Cosine of the angle between the tensors, 1 where both are zero, 0 where one is.

        Also 0 where only one of them is finite.
        """
        if self._broken:
            return 0.0
        lengths = math.sqrt(self._signal) * math.sqrt(self._other)
        if lengths == 0.0:
            return 1.0 if self._signal == self._other else 0.0
        return max(-1.0, min(1.0, self._product / lengths))


def sqnr_db(expected: npt.NDArray[Any], actual: npt.NDArray[Any]) -> float:
    """Return the signal to quantization noise ratio of one pair of arrays, in dB."""
    sums = PairedSums()
    sums.add(expected, actual)
    return sums.sqnr_db
