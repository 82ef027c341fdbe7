"""Activations quantized while the model runs: float again, with the weights' grids kept.

The form is that of ONNX Runtime's ``quantize_dynamic``: DynamicQuantizeLinear, ConvInteger or
MatMulInteger, Cast to float, and a product with both scales.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.grids import grid_from
from edgekit.converters.sources.trained.state import State

__all__ = ["Dynamic"]

_CONV = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
_HINT = "quantize the model statically, or give edgekit the float model"


@dataclass(frozen=True, slots=True)
class _Sum:
    """Products summed as integers, before they are scaled."""

    node: Any
    tensor: str


class Dynamic:
    """Follows the integers of dynamically quantized layers to the product that ends them.

    Args:
        state: The float graph in the making.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._tensors: dict[str, str] = {}  # integers or scale -> the float tensor they are of
        self._scales: dict[str, tuple[str, npt.NDArray[Any]]] = {}  # product -> tensor, weights'
        self._sums: dict[str, _Sum] = {}

    def takes(self, node: Any) -> bool:
        """Take a node if it is part of such a layer; tell whether it is."""
        kind, state = node.op_type, self._state
        if kind == "DynamicQuantizeLinear":
            for output in node.output:
                self._tensors[output] = state.real(node.input[0])
            return True
        if kind in ("ConvInteger", "MatMulInteger"):
            if node.input[0] not in self._tensors or node.input[1] not in state.constants:
                raise TrainedGridError(node, "its integers have no known scales", hint=_HINT)
            self._sums[node.output[0]] = _Sum(node, self._tensors[node.input[0]])
            return True
        if kind == "Cast" and node.input[0] in self._sums:
            self._sums[node.output[0]] = self._sums[node.input[0]]
            return True
        return kind == "Mul" and self._takes_product(node)

    def refuse_open(self, node: Any) -> None:
        """Refuse a node that reads integers in the middle of such a layer."""
        for name in node.input:
            if name in self._tensors or name in self._sums or name in self._scales:
                raise TrainedGridError(
                    node, f"it reads '{name}', integers of a dynamic quantization", hint=_HINT
                )

    def _takes_product(self, node: Any) -> bool:
        state = self._state
        for first, second in (node.input, node.input[::-1]):
            if first in self._tensors and second in state.constants:
                self._scales[node.output[0]] = (self._tensors[first], state.constants[second])
                return True
            if first in self._sums and second in self._scales:
                self._finish(node, self._sums[first], *self._scales[second])
                return True
        return False

    def _finish(self, node: Any, found: _Sum, tensor: str, scale: npt.NDArray[Any]) -> None:
        state, inner = self._state, found.node
        if tensor != found.tensor:
            raise TrainedGridError(node, "it scales integers of another tensor", hint=_HINT)
        codes = state.constants[inner.input[1]]
        point = None
        if len(inner.input) > 3 and inner.input[3]:
            point = state.constants.get(inner.input[3])
            if point is None:
                raise TrainedGridError(inner, "its zero point is computed", hint=_HINT)
        is_conv = inner.op_type == "ConvInteger"
        axis = 0 if is_conv else codes.ndim - 1
        points = None if point is None else np.broadcast_to(point.reshape(-1), (scale.size,))
        grid = grid_from(inner, scale, points, codes.dtype.name, axis)
        weights = state.constant(inner, inner.input[1], grid)
        kind, keep = ("Conv", _CONV) if is_conv else ("MatMul", ())
        state.emit(inner, kind, [tensor, weights], node.output[0], keep)
