"""Slices of slices become one."""

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.lowering.passes.matching import Matcher
from edgekit.converters.lowering.ranges import ranges_of, slice_operator

__all__ = ["join_slices"]


def join_slices(builder: GraphBuilder) -> bool:
    """Let a slice of a slice read what the first one reads.

    Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        ranges = ranges_of(node)
        before = matcher.maker(node.inputs[0]) if ranges is not None else None
        first = ranges_of(before) if before is not None else None
        if ranges is None or before is None or first is None:
            continue
        joined = [
            # A range that runs backwards to its first element stops before it.
            outer[inner.start : None if inner.stop < 0 else inner.stop : inner.step]
            for outer, inner in zip(first, ranges, strict=True)
        ]
        node.kind, bounds, node.options = slice_operator(builder, joined)
        node.inputs = [before.inputs[0], *bounds]
        changed = True
    return changed
