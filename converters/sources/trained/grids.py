"""Scales and zero points of quantized ONNX nodes, and the numbers that integers stand for.

Formulas: ONNX's QuantizeLinear and DequantizeLinear, opset 25.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.trained_grid import TrainedGrid

__all__ = [
    "Constants",
    "codes_of",
    "grid_from",
    "read_grid",
    "reals_of",
    "require_lengths",
]

Constants = Mapping[str, npt.NDArray[Any]]
Reals = npt.NDArray[np.float32]

_HINT = "export or quantize the model again; edgekit keeps scales as they are, it invents none"
_TYPES = "int2 int4 int8 int16 int32 uint2 uint4 uint8 uint16".split()


def grid_from(
    node: Any, scale: npt.NDArray[Any], zero_point: npt.NDArray[Any] | None, dtype: str, axis: int
) -> TrainedGrid:
    """Return the grid of these parameters.

    Args:
        node: Whose parameters they are, for messages.
        scale: A number, or one for each index along ``axis``.
        zero_point: As many as there are scales; zeros when None.
        dtype: Of the integers.
        axis: Of the tensor, not negative.

    Raises:
        TrainedGridError: A scale is not a positive number, a zero point does not fit the type,
            or there is another number of them than of scales.
    """
    scales = np.asarray(scale, np.float32).reshape(-1)
    wrong = [value for value in scales.tolist() if not (math.isfinite(value) and value > 0)]
    if wrong or not scales.size:
        problem = f"its scale is {wrong[0]}" if wrong else "it has no scale"
        raise TrainedGridError(node, f"{problem}; a scale is a positive number", hint=_HINT)
    if dtype not in _TYPES:
        known = ", ".join(_TYPES)
        raise TrainedGridError(node, f"it quantizes to {dtype}", hint=f"supported: {known}")
    points = np.zeros(scales.size, np.int64)
    if zero_point is not None:
        points = np.asarray(zero_point).astype(np.int64).reshape(-1)
    if points.size != scales.size:
        raise TrainedGridError(
            node, f"it has {scales.size} scales and {points.size} zero points", hint=_HINT
        )
    grid = TrainedGrid(tuple(scales.tolist()), tuple(points.tolist()), dtype, axis)
    least, most = grid.limits
    outside = points[(points < least) | (points > most)]
    if outside.size:
        raise TrainedGridError(
            node,
            f"its zero point {outside[0]} is out of the range of {dtype}, {least} to {most}",
            hint=_HINT,
        )
    return grid


def read_grid(
    node: Any, constants: Constants, positions: tuple[int, int], dtype: str, rank: int | None
) -> TrainedGrid:
    """Return the grid that inputs of a node give.

    Args:
        node: An ONNX node.
        constants: Every known tensor by name.
        positions: Of scale and zero point among its inputs; the latter may be absent.
        dtype: Of the integers, where no zero point tells.
        rank: Of the quantized tensor, None where it is not known.

    Raises:
        TrainedGridError: They are computed, or wrong.
    """
    at_scale, at_point = positions
    scale = constants.get(node.input[at_scale])
    named = node.input[at_point] if at_point < len(node.input) else ""
    point = constants.get(named) if named else None
    if scale is None or (named and point is None):
        raise TrainedGridError(
            node,
            "its scale or zero point is computed while the model runs",
            hint="quantize the model statically, or give edgekit the float model",
        )
    given = dtype if point is None else point.dtype.name
    axis = _axis(node)
    if scale.size > 1 and rank is not None and not -rank <= axis < rank:
        raise TrainedGridError(
            node, f"its axis {axis} is not one of a tensor of rank {rank}", hint=_HINT
        )
    return grid_from(node, scale, point, given, axis % rank if rank else axis)


def _axis(node: Any) -> int:
    return next((int(item.i) for item in node.attribute if item.name == "axis"), 1)


def reals_of(node: Any, codes: npt.NDArray[Any], grid: TrainedGrid) -> Reals:
    """Return ``scale * (q - zero_point)`` in float32, as DequantizeLinear computes it.

    Raises:
        TrainedGridError: There are not as many scales as indices along the axis.
    """
    scales, points = _arranged(node, codes.shape, grid)
    centred = codes.astype(np.int64) - points
    return np.asarray(centred.astype(np.float32) * scales, np.float32)


def reals_of_blocks(
    node: Any,
    codes: npt.NDArray[Any],
    parts: Sequence[npt.NDArray[Any] | None],
    size: int,
) -> Reals:
    """Return what integers stand for of which each block has its own scale.

    Args:
        node: DequantizeLinear.
        codes: The integers.
        parts: Scales, and zero points where there are some; None for what is computed.
        size: Of a block along the node's axis.

    Raises:
        TrainedGridError: Scales are computed, or no positive numbers.
    """
    axis = _axis(node)
    wide = []
    for part in parts:
        if part is None:
            raise TrainedGridError(node, "its scales are computed", hint="make them constants")
        wide.append(np.repeat(part, size, axis).take(range(codes.shape[axis]), axis))
    points = wide[1].astype(np.int64) if len(wide) > 1 else np.zeros(codes.shape, np.int64)
    centred = (codes.astype(np.int64) - points).astype(np.float32)
    return np.asarray(centred * wide[0].astype(np.float32), np.float32)


def codes_of(node: Any, values: npt.NDArray[Any], grid: TrainedGrid) -> npt.NDArray[np.int64]:
    """Return the integers of known values, as QuantizeLinear computes them: half to even."""
    scales, points = _arranged(node, values.shape, grid)
    codes = np.rint(values.astype(np.float32) / scales).astype(np.int64) + points
    return np.asarray(np.clip(codes, *grid.limits), np.int64)


def require_lengths(node: Any, shape: tuple[int, ...], grid: TrainedGrid) -> None:
    """Refuse another number of scales than there are indices along the axis of a tensor.

    Raises:
        TrainedGridError: Naming both.
    """
    count = len(grid.scales)
    if count > 1 and (grid.axis >= len(shape) or shape[grid.axis] != count):
        raise TrainedGridError(
            node,
            f"it has {count} scales along axis {grid.axis} of a tensor of shape {shape}",
            hint="give as many scales as there are channels, or the axis that has them",
        )


def _arranged(
    node: Any, shape: tuple[int, ...], grid: TrainedGrid
) -> tuple[Reals, npt.NDArray[np.int64]]:
    """Return scales and zero points in a shape that broadcasts."""
    require_lengths(node, shape, grid)
    lengths = [1] * len(shape)
    if len(grid.scales) > 1:
        lengths[grid.axis] = -1
    scales = np.array(grid.scales, np.float32).reshape(lengths)
    return scales, np.array(grid.zero_points, np.int64).reshape(lengths)
