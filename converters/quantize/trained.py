"""Grids that training chose: which integers of TFLite hold them, exactly or not at all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization, Subgraph, Tensor
from edgekit.converters.trained_grid import TrainedGrid
from edgekit.errors import EdgekitError

if TYPE_CHECKING:
    from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["NoRangesError", "activation_grid", "settle_grids", "trained_tensors", "trained_weights"]

_OFF_GRID = 1e-3  # of a step; what float32 leaves of a product of scale and integer is far below
_LEAST, _MOST = -127, 127  # of TFLite's weights
_LISTED = 5
# Trained type -> the type that holds the same grid, and what is taken from the zero point.
_SHIFTS = {
    "int8": (DataType.INT8, 0),
    "uint8": (DataType.INT8, 128),
    "int16": (DataType.INT16, 0),
    "uint16": (DataType.INT16, 32768),
}


class NoRangesError(EdgekitError):
    """Tensors without a trained scale, and no samples that would show their ranges."""

    def __init__(self, names: list[str]) -> None:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        listed = ", ".join(f"'{name}'" for name in names[:_LISTED])
        super().__init__(
            f"{len(names)} tensors have no trained scale: {listed}{more}",
            hint="give --calibration-data, from which their ranges are chosen",
        )


def activation_grid(grid: TrainedGrid, dtype: DataType) -> Quantization | None:
    """Return a trained grid as activations of a type have it; None where they cannot.

    Unsigned integers are shifted to signed ones, which changes no number that they stand for.
    The zero point of int16 is 0: TFLite's kernels know no other.
    """
    held, shift = _SHIFTS.get(grid.dtype, (None, 0))
    if held is not dtype or len(grid.scales) > 1:
        return None
    point = grid.zero_points[0] - shift
    if dtype is DataType.INT16 and point:
        return None
    return Quantization(grid.scales, (point,), 0)


def trained_weights(
    values: npt.NDArray[Any],
    grid: TrainedGrid,
    axis: int | None,
    least: npt.NDArray[np.float64] | float,
) -> tuple[Quantization, npt.NDArray[np.int8]] | None:
    """Return weights as the integers that training gave them, and their grid without zero point.

    None where the values are not on the grid any more, where TFLite's symmetric int8 does not
    reach the integers, or where the scales do not lie along ``axis``. The one integer of int8
    that TFLite's weights do without, -128, becomes -127: older Arm kernels overflow with it.

    Args:
        values: The weights, in TFLite's layout.
        grid: The grid that training chose.
        axis: Of the output channels; None for one scale for all.
        least: What a scale must not be below so that the bias fits, one value or one a channel.
    """
    count = 1 if axis is None else values.shape[axis]
    if len(grid.scales) not in (1, count):
        return None
    scales = np.broadcast_to(np.array(grid.scales, np.float64), (count,))
    if np.any(scales < least):
        return None
    shape = [1] * values.ndim
    if axis is not None:
        shape[axis] = -1
    steps = values.astype(np.float64) / scales.reshape(shape)
    codes = np.rint(steps)
    if np.any(np.abs(steps - codes) > _OFF_GRID) or np.any((codes < _LEAST - 1) | (codes > _MOST)):
        return None
    quantization = Quantization(tuple(scales.tolist()), (0,) * count, axis or 0)
    return quantization, np.maximum(codes, _LEAST).astype(np.int8)


def trained_tensors(main: Subgraph, grids: Mapping[str, TrainedGrid]) -> frozenset[str]:
    """Return the names of tensors of an integer model that have the grid training chose.

    Args:
        main: Its main subgraph.
        grids: Name of a tensor of the float model -> its grid.
    """
    return frozenset(
        tensor.name
        for tensor in main.tensors
        if tensor.name in grids and _has_grid(tensor, grids[tensor.name])
    )


def _has_grid(tensor: Tensor, grid: TrainedGrid) -> bool:
    given = tensor.quantization
    if given is None:
        return False
    if not tensor.is_constant or tensor.dtype is DataType.INT16:
        return given == activation_grid(grid, tensor.dtype)
    return given.scales in (grid.scales, grid.scales * len(given.scales))


def settle_grids(quantizer: "Quantizer", outputs: list[Value]) -> None:
    """Put what a rule has written on another grid than the trained one back on that.

    Operators whose kernels assume parameters (SOFTMAX), or take those of their input, write what
    they have to, and a QUANTIZE after them makes the trained grid of it.

    Args:
        quantizer: The rule has just added nodes to it.
        outputs: What the node at hand writes.
    """
    for value in outputs:
        wanted = quantizer.grid_of(value)
        if wanted is None or value.quantization in (None, wanted):
            continue
        if value.dtype is not quantizer.activations.dtype:
            continue
        inner = Value(f"{value.name}/demanded", value.shape, value.dtype, origin=value.origin)
        inner.quantization = value.quantization
        maker = next(node for node in reversed(quantizer.nodes) if value in node.outputs)
        maker.outputs = [inner if item is value else item for item in maker.outputs]
        quantizer.become(value, wanted)
        quantizer.nodes.append(Node("QUANTIZE", [inner], [value]))
