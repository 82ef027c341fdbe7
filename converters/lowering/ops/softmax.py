"""Softmax, LogSoftmax and Hardmax along any axis, which TFLite wants last."""

import math

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.orders import order_ending_with
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_LARGEST_RANK = 4
_INT32 = 2  # the schema's TensorType


@lowers("Softmax", "LogSoftmax", "Hardmax")
def flattened_softmax(context: Lowering, node: SourceNode) -> None:
    """Lower what opsets before 13 mean: one distribution over all axes from ``axis`` on."""
    shape = context.shape(node.inputs[0])
    axis = node.integer("axis", 1) % max(len(shape), 1)
    if axis == len(shape) - 1:
        _along(context, node, axis)
        return
    flat = (math.prod(shape[:axis]), math.prod(shape[axis:]))
    value = context.reshape(context.get(node.inputs[0]), flat)
    context.set(node.outputs[0], context.reshape(_emit(context, node, value), shape))


@lowers("Softmax", "LogSoftmax", "Hardmax", since=13)
def softmax(context: Lowering, node: SourceNode) -> None:
    """Lower a distribution along one axis."""
    _along(context, node, node.integer("axis", -1) % context.rank(node.inputs[0]))


def _along(context: Lowering, node: SourceNode, axis: int) -> None:
    axes = order_ending_with(context, node.inputs[0], axis)
    value = context.get(node.inputs[0], axes)
    shape = value.shape
    if len(shape) > _LARGEST_RANK:
        value = context.reshape(value, (math.prod(shape[:-1]), shape[-1]))
    context.set(node.outputs[0], context.reshape(_emit(context, node, value), shape), axes)


def _emit(context: Lowering, node: SourceNode, value: Value) -> Value:
    """Apply the operator along the last axis."""
    if node.kind == "Hardmax":
        return _one_hot(context, value)
    if node.kind == "Softmax":
        require_kernel(node, "SOFTMAX", value.dtype)
        return context.emit("SOFTMAX", [value], value.shape, beta=1.0)
    require_kernel(node, "LOG_SOFTMAX", value.dtype)
    return context.emit("LOG_SOFTMAX", [value], value.shape)


def _one_hot(context: Lowering, value: Value) -> Value:
    """Put 1 where the first of the largest elements is, 0 elsewhere."""
    require_kernel(context.node, "ARG_MAX", value.dtype)
    builder = context.builder
    numbers = {
        "axis": np.array(len(value.shape) - 1, np.int32),
        "depth": np.array(value.shape[-1], np.int32),
        "on": np.array(1, value.dtype.numpy),
        "off": np.array(0, value.dtype.numpy),
    }
    constants = {name: builder.constant(data, name) for name, data in numbers.items()}
    index = context.emit(
        "ARG_MAX",
        [value, constants["axis"]],
        value.shape[:-1],
        dtype=DataType.INT32,
        output_type=_INT32,
    )
    inputs = [index, constants["depth"], constants["on"], constants["off"]]
    return context.emit("ONE_HOT", inputs, value.shape, dtype=value.dtype, axis=-1)
