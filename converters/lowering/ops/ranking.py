"""TopK, ArgMax and ArgMin: the largest or smallest values and where they stand."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.kernels import NARROW
from edgekit.converters.lowering.orders import kept_axes, order_ending_with
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_INT64 = 4  # the schema's TensorType


@lowers("ArgMax", "ArgMin")
def argument(context: Lowering, node: SourceNode) -> None:
    """Lower to ARG_MAX or ARG_MIN, which give the first of equal values.

    For the last of them, the axis is reversed and counted from the other end.
    """
    source, name = node.inputs[0], node.outputs[0]
    order = context.axes(source)
    axis = node.integer("axis", 0) % len(order)
    position = order.index(axis)
    value = _wide(context, context.get(source, order))
    last = bool(node.integer("select_last_index", 0))
    if last:
        reversed_axes = context.builder.integers((position,), "axis")
        value = context.emit("REVERSE_V2", [value, reversed_axes], value.shape)
    shape = (*value.shape[:position], *value.shape[position + 1 :])
    kind = "ARG_MAX" if node.kind == "ArgMax" else "ARG_MIN"
    place = context.builder.constant(np.array(position, np.int32), "axis")
    result = context.emit(kind, [value, place], shape, dtype=DataType.INT64, output_type=_INT64)
    if last:
        end = context.builder.constant(np.array(value.shape[position] - 1, np.int64), "end")
        result = context.emit("SUB", [end, result], shape)
    if node.integer("keepdims", 1):
        kept = (*shape[:position], 1, *shape[position:])
        context.set(name, context.reshape(result, kept), order)
        return
    context.set(name, result, kept_axes(order, [axis]))


@lowers("TopK")
def top_k(context: Lowering, node: SourceNode) -> None:
    """Lower to TOPK_V2, which takes the last axis, sorts, and gives equal values in order."""
    if node.has(1):
        context.required_constant(node, 1)
    source = node.inputs[0]
    axis = node.integer("axis", -1) % context.rank(source)
    order = order_ending_with(context, source, axis)
    value = context.get(source, order)
    smallest = not node.integer("largest", 1)
    if smallest:
        value = context.emit("NEG", [value], value.shape)
    named = next(name for name in node.outputs if name)
    count = context.shape(named)[axis]
    amount = context.builder.constant(np.array(count, np.int32), "k")
    shape = (*value.shape[:-1], count)
    dtypes = (value.dtype, DataType.INT32)
    values, places = context.emit_many("TOPK_V2", [value, amount], [shape, shape], dtypes)
    if node.outputs[0]:
        if smallest:
            values = context.emit("NEG", [values], shape)
        context.set(node.outputs[0], values, order)
    if len(node.outputs) > 1 and node.outputs[1]:
        wide = context.emit("CAST", [places], shape, dtype=DataType.INT64)
        context.set(node.outputs[1], wide, order)


def _wide(context: Lowering, value: Value) -> Value:
    if value.dtype not in NARROW:
        return value
    return context.emit("CAST", [value], value.shape, dtype=DataType.INT32)
