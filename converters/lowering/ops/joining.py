"""Concat and Split, along whatever position their axis stands at."""

import numpy as np

from edgekit.converters.lowering.broadcasting import common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Concat")
def concat(context: Lowering, node: SourceNode) -> None:
    """Lower a concatenation; constants without elements are left out."""
    name = node.outputs[0]
    names = [item for item in node.inputs if 0 not in context.shape(item)]
    axes = common_axes(context, names, context.rank(name))
    values = [context.get(item, axes) for item in names]
    shape = [context.shape(name)[axis] for axis in axes]
    axis = axes.index(node.integer("axis", 1) % len(axes))
    result = values[0]
    if len(values) > 1:
        result = context.emit("CONCATENATION", values, shape, axis=axis)
    context.set(name, result, axes)


@lowers("Split")
def split(context: Lowering, node: SourceNode) -> None:
    """Lower a split: SPLIT into equal parts, SPLIT_V into others.

    How large the parts are is in the shapes of the outputs, whichever opset said it.
    """
    if node.has(1):
        context.required_constant(node, 1)
    source = node.inputs[0]
    axes = context.axes(source)
    given = node.integer("axis", 0) % len(axes)
    position = axes.index(given)
    value = context.get(source, axes)
    sizes = [context.shape(name)[given] for name in node.outputs]
    if len(sizes) == 1:
        context.set(node.outputs[0], value, axes)
        return
    shapes = [(*value.shape[:position], size, *value.shape[position + 1 :]) for size in sizes]
    dtypes = [value.dtype] * len(sizes)
    axis = context.builder.constant(np.array(position, np.int32), "axis")
    if len(set(sizes)) == 1:
        parts = context.emit_many("SPLIT", [axis, value], shapes, dtypes, num_splits=len(sizes))
    else:
        counts = context.builder.integers(sizes, "sizes")
        inputs = [value, counts, axis]
        parts = context.emit_many("SPLIT_V", inputs, shapes, dtypes, num_splits=len(sizes))
    for name, part in zip(node.outputs, parts, strict=True):
        context.set(name, part, axes)
