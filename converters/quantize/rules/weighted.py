"""Convolutions and fully connected layers: int8 weights, bias on the accumulator's grid."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.quantize.correction import expected_error
from edgekit.converters.quantize.parameters import least_weight_scales, real_values
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes

# Operator -> positions of input, weights and bias, and the axis of output channels.
_PLACES = {
    "CONV_2D": (0, 1, 2, 0),
    "DEPTHWISE_CONV_2D": (0, 1, 2, 3),
    "FULLY_CONNECTED": (0, 1, 2, 0),
    "TRANSPOSE_CONV": (2, 1, 3, 0),
}


@quantizes(*_PLACES)
def weighted(quantizer: Quantizer, node: Node) -> None:
    """Quantize weights per output channel; the output has the range that was observed."""
    at_input, at_weights, at_bias, axis = _PLACES[node.kind]
    source = quantizer.integer(node.inputs[at_input])
    weights, bias = _there(node.inputs[at_weights]), None
    if at_bias < len(node.inputs):
        bias = node.inputs[at_bias]
    if weights.is_constant:
        per_channel = node.kind != "FULLY_CONNECTED" or quantizer.per_channel_dense
        least = _least_scales(bias, source)
        rounded = quantizer.weights(weights, axis if per_channel else None, least, node.kind)
        if not quantizer.is_on_grid(weights):
            bias = _corrected(quantizer, node, weights, rounded, bias)
    else:
        rounded = quantizer.integer(weights)
    inputs = node.inputs[:at_bias]
    inputs[at_input], inputs[at_weights] = source, rounded
    if bias is not None:
        inputs.append(quantizer.bias(bias, source, rounded))
    (output,) = node.outputs
    quantizer.become(output, quantizer.observed(output))
    quantizer.keep(node, inputs)


def _least_scales(bias: Value | None, source: Value) -> npt.NDArray[np.float64] | float:
    assert source.quantization is not None
    if bias is None or bias.data is None:
        return 0.0
    return least_weight_scales(bias.data, source.quantization)


def _corrected(
    quantizer: Quantizer, node: Node, weights: Value, rounded: Value, bias: Value | None
) -> Value | None:
    """Return the bias with what the rounding of the weights takes away on average."""
    source = _there(node.inputs[0])
    means = quantizer.means_of(source)
    if means is None or node.kind == "TRANSPOSE_CONV":
        return bias
    assert weights.data is not None
    assert rounded.data is not None
    assert rounded.quantization is not None
    stands_for = real_values(rounded.data, rounded.quantization)
    error = expected_error(node, source, weights.data, stands_for, means)
    if error is None:
        return bias
    given = 0.0 if bias is None or bias.data is None else bias.data
    name = bias.name if bias else f"{node.outputs[0].name}/bias"
    return quantizer.builder.constant((given + error).astype(np.float32), name)


def _there(value: Value | None) -> Value:
    assert value is not None
    return value
