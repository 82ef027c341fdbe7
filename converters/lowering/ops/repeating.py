"""Expand and Tile: the same values several times."""

from edgekit.converters.lowering.broadcasting import common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.reading import integers_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Expand")
def expand(context: Lowering, node: SourceNode) -> None:
    """Lower a broadcast to a fixed shape."""
    context.required_constant(node, 1)
    source, name = node.inputs[0], node.outputs[0]
    rank = context.rank(name)
    axes = common_axes(context, [source], rank)
    missing = rank - context.rank(source)
    value = context.get(source, axes if missing == 0 else None)
    value = context.reshape(value, (1,) * missing + value.shape)
    shape = tuple(context.shape(name)[axis] for axis in axes)
    if value.shape != shape:
        target = context.builder.integers(shape, "shape")
        value = context.emit("BROADCAST_TO", [value, target], shape)
    context.set(name, value, axes)


@lowers("Tile", since=6)
def tile(context: Lowering, node: SourceNode) -> None:
    """Lower a repetition along axes, wherever they stand."""
    source, name = node.inputs[0], node.outputs[0]
    axes = context.axes(source)
    repeats = integers_of(context, node, 1)
    value = context.get(source, axes)
    counts = [repeats[axis] for axis in axes]
    if any(count != 1 for count in counts):
        shape = [size * count for size, count in zip(value.shape, counts, strict=True)]
        amounts = context.builder.integers(counts, "multiples")
        value = context.emit("TILE", [value, amounts], shape)
    context.set(name, value, axes)
