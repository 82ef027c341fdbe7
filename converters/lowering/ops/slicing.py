"""Slice: SLICE for steps of one, STRIDED_SLICE for others, backwards too."""

from collections.abc import Sequence

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.ranges import slice_operator
from edgekit.converters.lowering.reading import integers_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["emit_slices"]

_LARGEST_RANK = 5


@lowers("Slice")
def slice_attributes(context: Lowering, node: SourceNode) -> None:
    """Lower a slice whose bounds are attributes."""
    starts, ends = node.integers("starts", ()), node.integers("ends", ())
    axes = node.integers("axes", tuple(range(len(starts))))
    _slice(context, node, starts, ends, axes, (1,) * len(starts))


@lowers("Slice", since=10)
def slice_inputs(context: Lowering, node: SourceNode) -> None:
    """Lower a slice whose bounds are inputs."""
    starts, ends = (integers_of(context, node, position) for position in (1, 2))
    axes = integers_of(context, node, 3, range(len(starts)))
    steps = integers_of(context, node, 4, (1,) * len(starts))
    _slice(context, node, starts, ends, axes, steps)


def _slice(
    context: Lowering,
    node: SourceNode,
    starts: Sequence[int],
    ends: Sequence[int],
    axes: Sequence[int],
    steps: Sequence[int],
) -> None:
    source = node.inputs[0]
    order = context.axes(source)
    sizes = context.shape(source)
    ranges = [range(size) for size in sizes]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = sizes[axis]
        # ONNX clamps bounds as Python does.
        ranges[axis] = range(size)[start:end:step]
    value = context.get(source, order)
    result = emit_slices(context, node, value, [ranges[axis] for axis in order])
    context.set(node.outputs[0], result, order)


def emit_slices(
    context: Lowering, node: SourceNode, value: Value, ranges: Sequence[range]
) -> Value:
    """Return what these indices of each position select, the value itself if that is all.

    Raises:
        RefusedError: More than five axes are left after those that stay whole are merged.
    """
    if all(item == range(size) for item, size in zip(ranges, value.shape, strict=True)):
        return value
    shape = [len(item) for item in ranges]
    if len(shape) > _LARGEST_RANK:
        sizes, ranges = _merged(value.shape, ranges)
        value = context.reshape(value, sizes)
    if len(ranges) > _LARGEST_RANK:
        raise RefusedError(
            node, f"it slices a tensor of {len(shape)} axes", hint=f"{_LARGEST_RANK} work"
        )
    kind, bounds, options = slice_operator(context.builder, ranges)
    lengths = [len(item) for item in ranges]
    return context.reshape(context.emit(kind, [value, *bounds], lengths, **options), shape)


def _merged(sizes: Sequence[int], ranges: Sequence[range]) -> tuple[list[int], list[range]]:
    """Merge neighbouring axes that stay whole."""
    merged: list[int] = []
    kept: list[range] = []
    for size, item in zip(sizes, ranges, strict=True):
        if merged and item == range(size) and kept[-1] == range(merged[-1]):
            merged[-1] *= size
            kept[-1] = range(merged[-1])
        else:
            merged.append(size)
            kept.append(item)
    return merged, kept
