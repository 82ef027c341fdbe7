"""Choose from a histogram which range of values the integers of a tensor shall hold."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.converters.quantize.histogram import LIMIT, Histogram
from edgekit.converters.quantize.parameters import ActivationType
from edgekit.converters.request import CalibrationMethod

__all__ = ["PERCENTILE", "Range", "choose_range"]

PERCENTILE = 99.99
"""The share of values, in per cent, that :attr:`CalibrationMethod.PERCENTILE` keeps.

The middle of the shares that H. Wu et al., "Integer Quantization for Deep Learning Inference",
2020, compare on networks for pictures (99.9, 99.99, 99.999).
"""

_STEPS = 64  # candidates for an end of a range: these fractions of what was seen
_FLOOR = 1e-4  # count of a bin that Q has empty and P has not, as ONNX Runtime smooths


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest value that integers shall hold."""

    low: float
    high: float


def choose_range(
    histogram: Histogram, method: CalibrationMethod, activations: ActivationType
) -> Range:
    """Return the range that a method chooses; never wider than what was seen and zero.

    Args:
        histogram: Of all samples, at least one value.
        method: How to choose.
        activations: How many integers there are, and whether they are symmetric.
    """
    chosen = _METHODS[method](histogram, activations)
    low, high = np.clip((chosen.low, chosen.high), histogram.low, histogram.high)
    return Range(float(low), float(high))


def _whole(histogram: Histogram, activations: ActivationType) -> Range:
    del activations
    return Range(histogram.low, histogram.high)


def _percentile(histogram: Histogram, activations: ActivationType) -> Range:
    """Cut the same share of values at both ends, half of what is not kept, in whole bins.

    Of values of one sign all are cut where they are large: zero is in every range.
    """
    del activations
    counts = histogram.counts.astype(np.float64)
    counts[-histogram.first] += histogram.zeros
    sides = 2 if histogram.low < 0 < histogram.high else 1
    cut = counts.sum() * (1 - PERCENTILE / 100) / sides
    below = np.searchsorted(np.cumsum(counts), cut, side="right")
    above = np.searchsorted(np.cumsum(counts[::-1]), cut, side="right")
    first, end = histogram.first + below, histogram.first + len(counts) - above
    low, high = float(first) * histogram.width, float(end) * histogram.width
    return Range(min(low, 0.0), max(high, 0.0))


def _least_squares(histogram: Histogram, activations: ActivationType) -> Range:
    """Minimise the mean squared error of quantized values, clipping and rounding together.

    Both ends are first moved towards zero by a common factor, then each on its own until
    nothing improves. The error is that of the bins' middles, exact for the very grid that
    :meth:`ActivationType.parameters` makes. Of integers finer than the bins all are kept.
    """
    bottom, top = activations.limits
    if top - bottom >= LIMIT:
        return _whole(histogram, activations)
    errors = _SquaredErrors(histogram, activations)
    factors = np.arange(1, _STEPS + 1) / _STEPS
    lows, highs = min(histogram.low, 0.0) * factors, max(histogram.high, 0.0) * factors
    least, low, high = errors.least(lows, highs)
    while True:
        _, low, _ = errors.least(lows, np.full(_STEPS, high))
        error, _, high = errors.least(np.full(_STEPS, low), highs)
        if error >= least:
            return Range(low, high)
        least = error


class _SquaredErrors:
    """The squared errors of ranges, from sums over the bins below each value.

    The bins that one integer stands for are neighbours, so 256 differences of running sums
    of counts, values and squares give the error of thousands of bins.
    """

    def __init__(self, histogram: Histogram, activations: ActivationType) -> None:
        used = histogram.counts > 0
        self._centres = histogram.centres[used]
        counts = histogram.counts[used].astype(np.float64)
        moments = (counts, counts * self._centres, counts * self._centres**2)
        self._sums = [np.concatenate([[0.0], np.cumsum(moment)]) for moment in moments]
        self._activations = activations

    def least(
        self, lows: npt.NDArray[np.float64], highs: npt.NDArray[np.float64]
    ) -> tuple[float, float, float]:
        """Return the least error, and the range among the candidates that has it."""
        errors = self._of(lows, highs)
        best = int(np.argmin(errors))
        return float(errors[best]), float(lows[best]), float(highs[best])

    def _of(
        self, lows: npt.NDArray[np.float64], highs: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        grids = [self._activations.parameters(*ends) for ends in zip(lows, highs, strict=True)]
        points = np.array([grid.zero_points for grid in grids])
        bottom, top = self._activations.limits
        values = (np.arange(bottom, top + 1) - points) * [grid.scales for grid in grids]
        edges = np.searchsorted(self._centres, (values[:, :-1] + values[:, 1:]) / 2)
        ends = np.zeros((len(grids), 1), np.int64)
        edges = np.hstack([ends, edges, ends + len(self._centres)])
        counts, firsts, squares = (np.diff(sums[edges]) for sums in self._sums)
        errors: npt.NDArray[np.float64] = np.sum(
            squares - 2 * values * firsts + values**2 * counts, axis=1
        )
        return errors


def _entropy(histogram: Histogram, activations: ActivationType) -> Range:
    """Lose the least information: minimise the Kullback-Leibler divergence.

    S. Migacz, "8-bit Inference with TensorRT", GTC 2017, as ONNX Runtime computes it
    (`quantization/calibrate.py`): P are the counts within a threshold, with what lies beyond
    added to the outermost bins; Q are the counts within it, summed for each integer and spread
    evenly over those of its bins that are not empty in P. Here a threshold cuts each side that
    reaches as far, so that tensors of one sign use all integers; zeros, which are exact
    under every scale, do not take part.
    """
    bottom, top = activations.limits
    levels = top - bottom + 1
    reach = max(-histogram.first, histogram.first + len(histogram.counts))
    candidates = []
    for step in range(1, _STEPS + 1):
        edge = -(-reach * step // _STEPS)
        start = max(0, -edge - histogram.first)
        end = min(len(histogram.counts), edge - histogram.first)
        if end - start >= min(levels, len(histogram.counts)):
            divergence = _divergence(histogram.counts, start, end, levels)
            candidates.append((divergence, -edge, edge))
    _, low, high = min(candidates, key=lambda item: (item[0], -item[2]))
    return Range(low * histogram.width, high * histogram.width)


def _divergence(counts: npt.NDArray[np.int64], start: int, end: int, levels: int) -> float:
    """Return the divergence of what ``levels`` integers for the bins ``start:end`` tell."""
    inside = counts[start:end].astype(np.float64)
    if inside.sum() == 0:
        return np.inf
    reference = inside.copy()
    reference[0] += counts[:start].sum()
    reference[-1] += counts[end:].sum()
    used = reference > 0
    level = np.arange(len(inside)) * levels // len(inside)
    totals = np.bincount(level, inside)
    shares = totals / np.maximum(np.bincount(level, used), 1)
    told = np.maximum(shares[level][used], _FLOOR)
    given = reference[used] / reference.sum()
    return float(np.sum(given * np.log(given / (told / told.sum()))))


_METHODS: dict[CalibrationMethod, Callable[[Histogram, ActivationType], Range]] = {
    CalibrationMethod.MIN_MAX: _whole,
    CalibrationMethod.PERCENTILE: _percentile,
    CalibrationMethod.MSE: _least_squares,
    CalibrationMethod.ENTROPY: _entropy,
}
