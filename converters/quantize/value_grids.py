"""Recognise numbers that lie on a grid: multiples of one step, or sums of a few scales.

Training that quantizes weights leaves them in float, but on a grid. The arithmetic here finds
the grid in the values alone, up to the rounding of float32.
"""

from functools import cache
from itertools import permutations, product

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_SCALES", "binary_scales", "distinct", "shares_values", "signs_of", "uniform_step"]

Floats = npt.NDArray[np.float64]

_TOLERANCE = 8 * 2.0**-24
"""Relative. A value was rounded when it was made, and once more by a batch norm in it; the step
is computed from such values."""

_FIRST = 4
MOST_SCALES = 4
"""Of a binary-coding quantization: more bits are int8's business."""


def distinct(values: npt.NDArray[np.float32]) -> Floats:
    """Return the distinct values in order, those equal but for rounding as one.

    Args:
        values: Of any shape; zeros of both signs are one.
    """
    ordered = np.unique(values.astype(np.float64) + 0.0)
    gaps = np.diff(ordered)
    larger = np.maximum(np.abs(ordered[1:]), np.abs(ordered[:-1]))
    first = np.concatenate([[True], gaps > _TOLERANCE * larger])
    return ordered[first] if ordered.size else ordered


def shares_values(tensor: int, channel: int) -> bool:
    """Tell whether a tensor's values are those of all its channels, not each one's own.

    They are where the numbers of the tensor's values take hardly more bits.

    Args:
        tensor: How many values it has.
        channel: How many the channel has that has most.
    """
    return (tensor - 1).bit_length() <= (channel - 1).bit_length() + 1


def uniform_step(values: npt.NDArray[np.float32], most: int) -> float | None:
    """Return the largest step of which all values are whole multiples, a float32.

    Args:
        values: Of any shape.
        most: The largest multiple.

    Returns:
        None where there is no such step, or nothing but zeros.
    """
    sizes = np.unique(np.abs(values.astype(np.float64)))
    sizes = sizes[sizes > 0]
    if not sizes.size or sizes[0] * (most + 0.5) < sizes[-1]:
        return None
    wholes = np.arange(1, most + 1)
    for chosen in (sizes[:_FIRST], sizes):  # a few values rule out nearly all steps
        ratios = chosen[:, None] / sizes[-1] * wholes
        near = np.abs(ratios - np.round(ratios)) <= _TOLERANCE * ratios
        wholes = wholes[near.all(axis=0)]
    if not wholes.size:
        return None
    multiples = np.round(sizes / sizes[-1] * wholes[0])
    return _roundest_step(sizes, multiples)


def _roundest_step(sizes: Floats, multiples: Floats) -> float:
    """Return the float32 step whose multiples are the most of the sizes, bit for bit."""
    candidates = np.unique((sizes / multiples).astype(np.float32))
    made = (candidates[:, None].astype(np.float64) * multiples).astype(np.float32)
    hits = np.sum(made == sizes.astype(np.float32), axis=1)
    return float(candidates[np.argmax(hits)])


def signs_of(count: int) -> Floats:
    """Return every pattern of ``count`` signs, one a row."""
    return np.array(list(product((-1.0, 1.0), repeat=count)))


def binary_scales(values: npt.NDArray[np.float32], most: int = MOST_SCALES) -> Floats | None:
    """Return the fewest scales, descending, so that every value is a sum of ``±scale``.

    That is binary-coding quantization, ``w = sum_i scale_i * {-1, +1}``, in which a row of
    weights need not use all of its sums. Source of the form: C. Xu et al., "Alternating Multi-bit
    Quantization for Recurrent Neural Networks", ICLR 2018; of its use per row: S. Kwon et al.,
    "AlphaTuning", EMNLP 2022.

    Args:
        values: Of any shape.
        most: How many scales are tried.

    Returns:
        None where there are none: with more than ``2 ** most`` values for a start.
    """
    found = distinct(values)
    sizes = distinct(np.abs(found).astype(np.float32))
    for count in range(1, most + 1):
        if len(found) > 2**count or len(sizes) > 2 ** (count - 1):
            continue
        scales = _solve(sizes, count)
        if scales is not None:
            return scales
    return None


def _solve(sizes: Floats, count: int) -> Floats | None:
    """Return ``count`` scales whose sums have all these sizes; those of the least total.

    A size is a pattern of signs times the scales, up to a common sign. As many sizes as there are
    scales are tried with all patterns, which is a system of linear equations each. The largest
    are never dependent but for the last, so each other size is tried in its place.
    """
    if len(sizes) < count:
        return None
    patterns, inverses = _systems(count)
    descending = sizes[::-1]
    tolerance = 4 * _TOLERANCE * sizes[-1]
    for last in descending[count - 1 :]:
        scales = inverses @ np.append(descending[: count - 1], last)
        scales = scales[scales.min(axis=1) > tolerance]
        sums = np.abs(scales @ patterns.T)
        misses = np.abs(sizes[:, None] - sums[:, None, :]).min(axis=2).max(axis=1)
        scales = scales[misses <= tolerance]
        if len(scales):
            best: Floats = scales[np.argmin(scales.sum(axis=1))]
            return np.sort(best)[::-1]
    return None


@cache
def _systems(count: int) -> tuple[Floats, Floats]:
    """Return the patterns of signs, the first plus, and the inverses of all choices of them."""
    patterns = np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=count - 1)])
    chosen = patterns[list(permutations(range(len(patterns)), count))]
    regular = np.abs(np.linalg.det(chosen)) > 0.5
    return patterns, np.linalg.inv(chosen[regular])
