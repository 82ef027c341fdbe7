"""Smaller weights for a graph that computes in float: the schemes `dynamic` and `float16`."""

from collections.abc import Callable

import numpy as np

from edgekit.bundle.manifest import Scheme
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Graph
from edgekit.converters.quantize.parameters import quantize_values, weights_of
from edgekit.converters.request import QuantizationRequest

__all__ = ["compress_weights"]

_SMALLEST = 1024
"""Values; below it int8 saves next to nothing, and TensorFlow leaves such tensors in float too."""

# Operator -> axis of output channels, and the version of the kernel that quantizes its input
# while it runs. Source: TensorFlow's `tensorflow/lite/tools/versioning/op_version.cc`.
_HYBRID = {"CONV_2D": (0, 5), "DEPTHWISE_CONV_2D": (3, 6), "FULLY_CONNECTED": (0, 12)}
_HYBRID_PER_TENSOR_DENSE = 9
_DEQUANTIZES_FLOAT16, _DEQUANTIZES_CHANNELS = 3, 5  # versions


def compress_weights(graph: Graph, request: QuantizationRequest) -> Graph:
    """Return the graph with smaller constants; its interface and arithmetic stay float32.

    `float16` halves every constant that float16 can hold. `dynamic` stores the weights of
    convolutions and fully connected layers as int8, with one scale a channel; the kernels
    quantize their inputs at run time, except that of TRANSPOSE_CONV, which LiteRT lacks: its
    weights are restored to float32 when the model is loaded.

    Args:
        graph: A float graph of one subgraph.
        request: Its scheme is `dynamic` or `float16`.
    """
    builder = GraphBuilder.of(graph)
    if request.scheme is Scheme.FLOAT16:
        _restore(builder, _halved)
    else:
        for node in builder.nodes:
            _quantize(node, per_channel_dense=request.per_channel_dense)
        weights = {node.inputs[1] for node in builder.nodes if node.kind == "TRANSPOSE_CONV"}
        _restore(builder, lambda value: _quantized(value, 0) if value in weights else None)
    return builder.finish(graph.main.name)


def _quantize(node: Node, *, per_channel_dense: bool) -> None:
    """Give a node int8 weights if its kernel takes them beside a float input."""
    weights = node.inputs[1] if node.kind in _HYBRID else None
    if weights is None or (node.kind == "CONV_2D" and _is_grouped(node)):
        return
    axis, version = _HYBRID[node.kind]
    per_tensor = node.kind == "FULLY_CONNECTED" and not per_channel_dense
    stored = _quantized(weights, None if per_tensor else axis)
    if stored is None:
        return
    node.inputs[1] = stored
    node.version = max(node.version, _HYBRID_PER_TENSOR_DENSE if per_tensor else version)
    if node.kind == "FULLY_CONNECTED":
        node.options["asymmetric_quantize_inputs"] = True


def _is_grouped(node: Node) -> bool:
    source, weights = node.inputs[:2]
    return source is not None and weights is not None and source.shape[-1] != weights.shape[-1]


def _restore(builder: GraphBuilder, smaller: Callable[[Value], Value | None]) -> None:
    """Store constants in a smaller form, with a DEQUANTIZE before those who read them."""
    constants = {
        value: None
        for node in builder.nodes
        for value in node.reads()
        if value.data is not None and value.dtype is DataType.FLOAT32
    }
    added = []
    for value in constants:
        stored = smaller(value)
        if stored is None:
            continue
        restored = Value(value.name, value.shape, value.dtype, origin=value.origin)
        stored.name = f"{value.name}/{stored.dtype.lower()}"
        is_half = stored.dtype is DataType.FLOAT16
        version = _DEQUANTIZES_FLOAT16 if is_half else _DEQUANTIZES_CHANNELS
        added.append(Node("DEQUANTIZE", [stored], [restored], version=version))
        builder.replace(value, restored)
    builder.nodes[:0] = added


def _halved(value: Value) -> Value | None:
    """Return a constant in float16; None for numbers, and where float16 would overflow."""
    assert value.data is not None
    with np.errstate(over="ignore"):
        data = value.data.astype(np.float16)
    if value.data.size < 2 or not np.array_equal(np.isfinite(data), np.isfinite(value.data)):
        return None
    return Value(value.name, value.shape, DataType.FLOAT16, data)


def _quantized(value: Value, axis: int | None) -> Value | None:
    """Return constant weights in int8; None for what is computed or small."""
    if value.data is None or value.dtype is not DataType.FLOAT32 or value.data.size < _SMALLEST:
        return None
    quantization = weights_of(value.data, axis)
    data = quantize_values(value.data, quantization, DataType.INT8)
    return Value(value.name, value.shape, DataType.INT8, data, quantization, value.origin)
