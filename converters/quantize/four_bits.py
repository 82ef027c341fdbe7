"""Weights that four bits hold exactly."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.value_grids import uniform_step

__all__ = ["fits_four_bits", "four_bit_weights"]

_LEAST, _MOST = -8, 7
_SCALE_OF_ZEROS = 1e-9  # of a channel without any value but zero


def fits_four_bits(codes: npt.NDArray[np.int8]) -> bool:
    """Tell whether integers are such as INT4 has."""
    return bool(codes.min(initial=0) >= _LEAST and codes.max(initial=0) <= _MOST)


def four_bit_weights(
    values: npt.NDArray[np.float32], axis: int | None, least: npt.NDArray[np.float64] | float = 0.0
) -> tuple[Quantization, npt.NDArray[np.int8]] | None:
    """Return weights as integers from -8 to 7, and their scales; None unless that is exact.

    Args:
        values: The weights.
        axis: Of the output channels; None for one scale for all.
        least: What a scale must not be below so that the bias fits, one value or one a channel.
    """
    rows = values.reshape(1, -1) if axis is None else np.moveaxis(values, axis, 0)
    scales, codes = np.full(len(rows), _SCALE_OF_ZEROS), np.zeros(rows.shape, np.int8)
    for index, row in enumerate(rows):
        if not row.any():
            continue
        step = uniform_step(row, -_LEAST)
        if step is None:
            return None
        whole = np.round(row.astype(np.float64) / step)
        while fits_four_bits(2 * whole):  # the bias has the finer steps then
            whole, step = 2 * whole, step / 2
        if not fits_four_bits(whole):
            return None
        scales[index], codes[index] = step, whole.astype(np.int8)
    bound = np.broadcast_to(np.max(least) if axis is None else least, scales.shape)
    used = codes.reshape(len(codes), -1).any(axis=1)
    if np.any(scales[used] < bound[used]):
        return None
    scales = np.where(used, scales, np.maximum(scales, bound)).astype(np.float32)
    grid = Quantization(tuple(map(float, scales)), (0,) * len(scales), axis or 0)
    moved = codes.reshape(values.shape) if axis is None else np.moveaxis(codes, 0, axis)
    return grid, np.ascontiguousarray(moved)
