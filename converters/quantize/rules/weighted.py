"""Convolutions and fully connected layers: int8 weights, bias on the accumulator's grid."""

from edgekit.converters.graph.builder import Node, Value
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
    weights = node.inputs[at_weights]
    assert weights is not None
    source = quantizer.integer(node.inputs[at_input])
    inputs = list(node.inputs)
    inputs[at_input] = source
    if weights.is_constant:
        per_channel = node.kind != "FULLY_CONNECTED" or quantizer.per_channel_dense
        inputs[at_weights] = quantizer.weights(weights, axis if per_channel else None)
    else:
        inputs[at_weights] = quantizer.integer(weights)
    bias = inputs[at_bias] if at_bias < len(inputs) else None
    if bias is not None:
        inputs[at_bias] = quantizer.bias(bias, source, _there(inputs[at_weights]))
    (output,) = node.outputs
    quantizer.become(output, quantizer.observed(output))
    quantizer.keep(node, inputs)


def _there(value: Value | None) -> Value:
    assert value is not None
    return value
