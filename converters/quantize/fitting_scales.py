"""Scales for weights that have few values: the values stay apart, and on their grid.

Whoever trained weights to few values paid for it. A scale from the largest weight of a channel
rounds them like any others, and gives one value another code in each channel. The scales here
let every value of a tensor have one code, exactly where the values lie on a uniform grid.
"""

import numpy as np
import numpy.typing as npt

from edgekit.converters.quantize.value_grids import (
    binary_scales,
    distinct,
    shares_values,
    signs_of,
    uniform_step,
)

__all__ = ["fitting_scales"]

Floats = npt.NDArray[np.float64]

_LIMIT = 127
_MOST_VALUES = 128
"""Of a tensor or channel. With more, codes take 8 bits, whatever the scales are."""

_MOST_OF_ROW = 0.5
"""Share of a channel's weights that may be distinct where its values are on no uniform grid: with
more, the values are no fewer than those of any weights."""

_MOST_NOISE = 0.01
"""Of a channel's power, where one scale serves all channels: 20 dB, about what four bits cost."""

_LOW_BIT = 4  # codes a step, at least: up to 31 steps on either side of zero
_SAMPLE = 4096
_CANDIDATES = _LIMIT / np.linspace(64.0, 126.99, 505)
"""Of scales that are searched, as multiples of that from the largest weight; at least seven bits
are used, and the largest does not exceed them."""


def fitting_scales(values: npt.NDArray[np.float32], axis: int | None) -> Floats | None:
    """Return a scale for each channel (0 where the largest weight shall decide), None for all.

    Args:
        values: Weights.
        axis: Of the output channels; None for one scale for all.
    """
    rows = values.reshape(1, -1) if axis is None else np.moveaxis(values, axis, 0)
    rows = rows.reshape(len(rows), -1)
    if not _may_have_few(rows):
        return None
    common = _common_scale(rows)
    if common is not None:
        return np.where(rows.any(axis=1), common, 0.0)
    scales = _scales_of_grids(rows)
    for index in np.flatnonzero(scales == 0.0):
        scales[index] = _searched_scale(rows[index])
    return scales if scales.any() else None


def _may_have_few(rows: npt.NDArray[np.float32]) -> bool:
    """Tell whether any channel may have few values, without looking at many of the weights."""
    if rows.shape[1] <= _MOST_VALUES:
        return rows.size > 0
    return any(len(np.unique(row[:_SAMPLE])) <= 2 * _MOST_VALUES for row in rows)


def _common_scale(rows: npt.NDArray[np.float32]) -> float | None:
    """Return one scale for a tensor of few values: each has one code, whatever its channel."""
    flat = rows.reshape(-1)
    if len(np.unique(flat[:_SAMPLE])) > 2 * _MOST_VALUES:
        return None
    values = distinct(flat)
    step = uniform_step(values.astype(np.float32), _LIMIT)
    if step is not None:
        return step / _multiplier(values, step)
    own = max(len(distinct(row)) for row in rows)
    is_few = 1 < len(values) <= min(_MOST_VALUES, flat.size * _MOST_OF_ROW)
    has_own = own <= rows.shape[1] * _MOST_OF_ROW and not shares_values(len(values), own)
    if not is_few or has_own:
        return None
    candidates = np.max(np.abs(values)) / _LIMIT * _CANDIDATES
    apart = _apart(values, candidates)
    scale = _best(values, _counts(flat, values), apart if len(apart) else candidates)
    return scale if _serves(rows.astype(np.float64), scale) else None


def _serves(rows: Floats, scale: float) -> bool:
    """Tell whether a scale leaves no channel with more rounding than it can bear."""
    noise = np.sum((np.round(rows / scale) * scale - rows) ** 2, axis=1)
    return bool(np.all(noise <= _MOST_NOISE * np.sum(rows**2, axis=1)))


def _scales_of_grids(rows: npt.NDArray[np.float32]) -> Floats:
    """Return the scales of channels on uniform grids; 0 for those on none.

    Where all of them are on low-bit grids, a step is as many codes in each: with the grid of one
    tensor, scaled by a batch norm, the codes are as few as before.
    """
    steps = np.array([uniform_step(row, _LIMIT) or 0.0 for row in rows])
    known = steps > 0
    multipliers = np.ones(len(rows), np.int64)
    multipliers[known] = [
        _multiplier(row, step) for row, step in zip(rows[known], steps[known], strict=True)
    ]
    if np.all(multipliers[known] >= _LOW_BIT):
        multipliers[known] = multipliers[known].min(initial=_LIMIT)
    return steps / multipliers


def _multiplier(values: npt.NDArray[np.floating], step: float) -> int:
    """Return how many codes a step can be: a power of two, so that the scale is as exact."""
    multiple = round(float(np.max(np.abs(values))) / step)
    return 1 << ((_LIMIT // multiple).bit_length() - 1)


def _searched_scale(row: npt.NDArray[np.float32]) -> float:
    """Return the scale that rounds the few values of a channel least, 0 where they are many."""
    values = distinct(row)
    if not 1 < len(values) <= min(_MOST_VALUES, row.size * _MOST_OF_ROW):
        return 0.0
    candidates = float(np.max(np.abs(values))) / _LIMIT * _CANDIDATES
    apart = _apart(values, candidates)
    scales = binary_scales(values.astype(np.float32))
    keeping = apart[:0] if scales is None else _keeping_sums(scales, apart)
    chosen = next(item for item in (keeping, apart, candidates) if len(item))
    return _best(values, _counts(row, values), chosen)


def _keeping_sums(scales: Floats, candidates: Floats) -> Floats:
    """Return the candidates under which rounded sums are the sums of rounded scales."""
    signs = signs_of(len(scales))
    rounded = np.round(scales / candidates[:, None]) @ signs.T
    kept: Floats = candidates[
        np.all(np.round(signs @ scales / candidates[:, None]) == rounded, axis=1)
    ]
    return kept


def _apart(values: Floats, candidates: Floats) -> Floats:
    """Return the candidates under which no two values, which ascend, have the same code."""
    codes = np.round(values / candidates[:, None])
    kept: Floats = candidates[np.all(np.diff(codes, axis=1) > 0, axis=1)]
    return kept


def _best(values: Floats, counts: Floats, candidates: Floats) -> float:
    """Return the scale with the least squared error over all weights."""
    scales = candidates[:, None]
    errors = (np.round(values / scales) * scales - values) ** 2 @ counts
    return float(scales[np.argmin(errors), 0])


def _counts(values: npt.NDArray[np.float32], found: Floats) -> Floats:
    places = np.searchsorted(found, values.astype(np.float64), side="right") - 1
    return np.bincount(np.clip(places, 0, None), minlength=len(found)).astype(np.float64)
