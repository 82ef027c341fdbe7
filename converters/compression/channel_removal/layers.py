"""Layers with known weights, seen channel by channel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Node, Value

__all__ = ["Floats", "Layer", "channels_of", "layer_of"]

_VALID = 1  # the schema's Padding
_DEPTHWISE = "DEPTHWISE_CONV_2D"
# Operator -> positions of the input and the bias, and the axis of output channels in the weights.
_PLACES = {
    "CONV_2D": (0, 2, 0),
    _DEPTHWISE: (0, 2, 3),
    "FULLY_CONNECTED": (0, 2, 0),
    "TRANSPOSE_CONV": (2, 3, 0),
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """An operator that multiplies its input with weights.

    Attributes:
        node: The operator.
        input: What it is applied to, channels last.
        weights: Constant.
        bias: Constant; None where there is none.
        output: Channels last.
        bias_position: Of the bias in the operator's inputs.
        output_axis: Of the weights.
        has_borders: Whether positions at the border see fewer taps than others, so that a
            constant input gives different outputs there.
    """

    node: Node
    input: Value
    weights: Value
    bias: Value | None
    output: Value
    bias_position: int
    output_axis: int
    has_borders: bool

    @property
    def is_depthwise(self) -> bool:
        """Whether each output channel reads one input channel."""
        return self.node.kind == _DEPTHWISE

    @property
    def multiplier(self) -> int:
        """Output channels for each input channel of a depthwise layer."""
        return channels_of(self.output) // channels_of(self.input)

    @property
    def taps(self) -> npt.NDArray[np.float32]:
        """Weights as ``[outputs, taps, inputs]``; of a depthwise layer ``[outputs, taps, 1]``."""
        assert self.weights.data is not None
        moved = np.moveaxis(self.weights.data, self.output_axis, 0)
        inputs = 1 if self.is_depthwise else channels_of(self.input)
        return moved.reshape(len(moved), -1, inputs)

    @property
    def bias_values(self) -> Floats:
        """The bias, zeros where there is none."""
        if self.bias is None or self.bias.data is None:
            return np.zeros(channels_of(self.output))
        return self.bias.data.astype(np.float64)


def channels_of(value: Value) -> int:
    """Return the size of a value's last axis."""
    return value.shape[-1] if value.shape else 1


def layer_of(node: Node) -> Layer | None:
    """Return an operator as a layer; None where its channels cannot be told one by one.

    Grouped convolutions are no layers here, nor is anything whose weights are computed.
    """
    if node.kind not in _PLACES:
        return None
    input_position, bias_position, axis = _PLACES[node.kind]
    given, weights = node.inputs[input_position], node.inputs[1]
    bias = node.inputs[bias_position] if len(node.inputs) > bias_position else None
    if given is None or given.is_constant or not _is_float(weights):
        return None
    if bias is not None and not _is_float(bias):
        return None
    assert weights is not None
    output = node.outputs[0]
    layer = Layer(
        node, given, weights, bias, output, bias_position, axis, _has_borders(node, weights)
    )
    if channels_of(output) != weights.shape[axis]:
        return None
    if layer.is_depthwise:
        return layer if channels_of(output) % channels_of(given) == 0 else None
    inner = weights.shape[-1]
    if node.kind == "FULLY_CONNECTED":
        return layer if inner % channels_of(given) == 0 else None
    return layer if inner == channels_of(given) else None


def _is_float(value: Value | None) -> bool:
    data: Any = None if value is None else value.data
    return data is not None and data.dtype == np.float32


def _has_borders(node: Node, weights: Value) -> bool:
    if node.kind == "FULLY_CONNECTED":
        return False
    if node.kind == "TRANSPOSE_CONV":
        return True
    return bool(weights.shape[1:3] != (1, 1) and node.options.get("padding", 0) != _VALID)
