"""Transpositions with a reshape in between become one, over axes that both shapes are made of."""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.lowering.blocks import merged_transpose
from edgekit.converters.lowering.passes.matching import Matcher
from edgekit.converters.lowering.passes.transposes import permutation_of

__all__ = ["join_movements"]

_MOST_AXES = 6  # that LiteRT's kernel of TRANSPOSE takes
Axes = tuple[int, ...]


def join_movements(builder: GraphBuilder) -> bool:
    """Make TRANSPOSE, RESHAPE, TRANSPOSE one transposition between two reshapes.

    Windows and patches are cut out of pictures that way. Requires that nobody else reads what
    is in between. Ensures the same values.
    """
    matcher = Matcher(builder)
    for node in builder.nodes:
        second = permutation_of(node)
        middle = matcher.private_maker(node.inputs[0], node, "RESHAPE") if second else None
        before = matcher.private_maker(middle.inputs[0], middle, "TRANSPOSE") if middle else None
        first = permutation_of(before) if before else None
        if middle is None or before is None or first is None or second is None:
            continue
        source, inner, outer = before.inputs[0], middle.inputs[0], middle.outputs[0]
        assert source is not None
        assert inner is not None
        joined = _joined(source.shape, first, inner.shape, outer.shape, second)
        if joined is None:
            continue
        _replace(builder, (before, middle, node), source, *joined)
        return True
    return False


def _joined(
    source: Axes, first: Axes, inner: Axes, outer: Axes, second: Axes
) -> tuple[Axes, Axes] | None:
    """Return the shape to transpose and the order; None where no common axes exist."""
    sizes = _common_axes(inner, outer)
    if sizes is None:
        return None
    inside, outside = _groups(inner, sizes), _groups(outer, sizes)
    placed = [place for axis in _inverse(first) for place in inside[axis]]
    wanted = [place for axis in second for place in outside[axis]]
    shape = tuple(sizes[place] for place in placed)
    shape, order = merged_transpose(shape, tuple(placed.index(place) for place in wanted))
    assert math.prod(shape) == math.prod(source)
    return (shape, order) if len(shape) <= _MOST_AXES else None


def _common_axes(one: Axes, other: Axes) -> list[int] | None:
    """Return the coarsest sizes of which both shapes are products in sequence."""
    ends = sorted({1, *accumulate(one, int.__mul__), *accumulate(other, int.__mul__)})
    if any(right % left for left, right in pairwise(ends)):
        return None
    return [right // left for left, right in pairwise(ends)]


def _groups(shape: Axes, sizes: Sequence[int]) -> list[list[int]]:
    """Return for each axis of a shape which of the common axes it is made of."""
    groups, place = [], 0
    for size in shape:
        group, product = [], 1
        while product < size:
            group.append(place)
            product *= sizes[place]
            place += 1
        groups.append(group)
    return groups


def _inverse(order: Axes) -> Axes:
    return tuple(order.index(axis) for axis in range(len(order)))


def _replace(
    builder: GraphBuilder, old: tuple[Node, Node, Node], source: Value, shape: Axes, order: Axes
) -> None:
    (output,) = old[-1].outputs
    moved = tuple(shape[axis] for axis in order)
    split = Value(f"{output.name}/split", shape, output.dtype, origin=output.origin)
    whole = Value(f"{output.name}/moved", moved, output.dtype, origin=output.origin)
    nodes = [
        Node("RESHAPE", [source, builder.integers(shape, "shape")], [split], {"new_shape": shape}),
        Node("TRANSPOSE", [split, builder.integers(order, "permutation")], [whole]),
        Node(
            "RESHAPE",
            [whole, builder.integers(output.shape, "shape")],
            [output],
            {"new_shape": output.shape},
        ),
    ]
    place = builder.nodes.index(old[-1])
    builder.nodes[place : place + 1] = nodes
    for node in old[:-1]:
        builder.nodes.remove(node)
