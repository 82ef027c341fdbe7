"""Slices as one Python range for each axis, to and from TFLite's operators."""

from collections.abc import Sequence
from typing import Any

from edgekit.converters.graph.builder import GraphBuilder, Node, Value

__all__ = ["ranges_of", "slice_operator"]

_OTHER_MASKS = ("begin_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "offset")


def slice_operator(
    builder: GraphBuilder, ranges: Sequence[range]
) -> tuple[str, list[Value], dict[str, Any]]:
    """Return the operator that selects these indices: kind, inputs behind the data, options.

    SLICE where every step is 1, STRIDED_SLICE otherwise, backwards too.
    """
    starts = builder.integers([item.start for item in ranges], "starts")
    if all(item.step == 1 or len(item) == 1 for item in ranges):
        return "SLICE", [starts, builder.integers([len(item) for item in ranges], "sizes")], {}
    ends = builder.integers([item.stop for item in ranges], "ends")
    steps = builder.integers([item.step for item in ranges], "steps")
    # Backwards to the first element ends before it, which only the mask can say.
    mask = sum(1 << axis for axis, item in enumerate(ranges) if item.stop < 0)
    return "STRIDED_SLICE", [starts, ends, steps], {"end_mask": mask}


def ranges_of(node: Node) -> list[range] | None:
    """Return the indices that a slice selects on each axis.

    None for other operators, and where bounds are computed or written in another way than
    :func:`slice_operator` does.
    """
    if node.kind not in ("SLICE", "STRIDED_SLICE"):
        return None
    numbers = [value.data.tolist() for value in node.inputs[1:] if value and value.data is not None]
    if len(numbers) != len(node.inputs) - 1 or any(start < 0 for start in numbers[0]):
        return None
    if node.kind == "SLICE":
        bounds = [(start, start + size) for start, size in zip(*numbers, strict=True)]
        ranges = [range(start, stop) for start, stop in bounds]
    else:
        if any(node.options.get(name) for name in _OTHER_MASKS):
            return None
        mask = node.options.get("end_mask", 0)
        stops = [-1 if mask >> axis & 1 else stop for axis, stop in enumerate(numbers[1])]
        ranges = [range(*item) for item in zip(numbers[0], stops, numbers[2], strict=True)]
    # Lengths tell whether a bound counts from the end.
    lengths = tuple(len(item) for item in ranges)
    return ranges if lengths == node.outputs[0].shape else None
