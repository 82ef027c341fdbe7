"""Where, Trilu and OneHot: one value or another."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.broadcasting import align, common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Where")
def where(context: Lowering, node: SourceNode) -> None:
    """Lower a choice by a condition; all three broadcast."""
    name = node.outputs[0]
    axes = common_axes(context, node.inputs, context.rank(name))
    values = [align(context, item, axes) for item in node.inputs]
    shape = np.broadcast_shapes(*(value.shape for value in values))
    result = context.emit("SELECT_V2", values, shape, dtype=values[1].dtype)
    # Constants come without their leading axes of size 1.
    full = [context.shape(name)[axis] for axis in axes]
    context.set(name, context.reshape(result, full), axes)


@lowers("Trilu")
def triangle(context: Lowering, node: SourceNode) -> None:
    """Lower a triangle of matrices to a choice between them and zero by a constant mask."""
    source = node.inputs[0]
    axes = context.axes(source)
    value = context.get(source, axes)
    shape = context.shape(source)
    offset = int(context.required_constant(node, 1)) if node.has(1) else 0
    rows, columns = np.indices(shape[-2:])
    upper = bool(node.integer("upper", 1))
    kept = columns - rows >= offset if upper else columns - rows <= offset
    mask = kept.reshape((1,) * (len(shape) - 2) + kept.shape).transpose(axes)
    zero = context.builder.constant(np.zeros((1,) * len(shape), value.dtype.numpy), "zero")
    condition = context.builder.constant(mask, "triangle")
    result = context.emit("SELECT_V2", [condition, value, zero], value.shape, dtype=value.dtype)
    context.set(node.outputs[0], result, axes)


@lowers("OneHot")
def one_hot(context: Lowering, node: SourceNode) -> None:
    """Lower to ONE_HOT; indices from -depth to -1 count from the end, others give no hot one."""
    name = node.outputs[0]
    depth = int(context.required_constant(node, 1).item())
    indices = context.get(node.inputs[0])
    if indices.dtype not in (DataType.INT32, DataType.INT64):
        indices = context.emit("CAST", [indices], indices.shape, dtype=DataType.INT64)
    count = context.builder.constant(np.array(depth, np.int32), "depth")
    inputs = [_from_front(context, indices, depth), count, *_choices(context, node)]
    axis = node.integer("axis", -1) % context.rank(name)
    shape = context.shape(name)
    context.set(name, context.emit("ONE_HOT", inputs, shape, dtype=inputs[-1].dtype, axis=axis))


def _choices(context: Lowering, node: SourceNode) -> list[Value]:
    """Return the value of the hot one and that of the others."""
    values = context.constant(node.inputs[2])
    if values is not None:
        off, on = (context.builder.constant(np.array(item), "choice") for item in values)
        return [on, off]
    pair = context.get(node.inputs[2])
    size = context.builder.integers((1,), "size")
    begins = [context.builder.integers((place,), "begin") for place in (1, 0)]
    parts = [context.emit("SLICE", [pair, begin, size], (1,)) for begin in begins]
    return [context.reshape(part, ()) for part in parts]


def _from_front(context: Lowering, indices: Value, depth: int) -> Value:
    """Add the depth to what is negative."""
    kind = indices.dtype.numpy
    zero, limit = (context.builder.constant(np.array(x, kind), "number") for x in (0, depth))
    shape = indices.shape
    negative = context.emit("LESS", [indices, zero], shape, dtype=DataType.BOOL)
    moved = context.emit("ADD", [indices, limit], shape)
    inputs = [negative, moved, indices]
    return context.emit("SELECT_V2", inputs, shape, dtype=indices.dtype)
