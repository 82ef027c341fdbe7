"""Transpositions: chains become one, and those that move nothing become reshapes."""

from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.lowering.passes.matching import Matcher

__all__ = ["join_transposes", "permutation_of"]


def join_transposes(builder: GraphBuilder) -> bool:
    """Make a chain of transpositions one, and one that moves only axes of size 1 a reshape.

    Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        order = permutation_of(node)
        if order is None:
            continue
        before = matcher.maker(node.inputs[0], "TRANSPOSE")
        inner = permutation_of(before) if before is not None else None
        if before is not None and inner is not None:
            order = tuple(inner[axis] for axis in order)
            node.inputs = [before.inputs[0], builder.integers(order, "permutation")]
            changed = True
        (given, _), (output,) = node.inputs, node.outputs
        assert given is not None
        moved = [axis for axis in order if given.shape[axis] != 1]
        if moved == sorted(moved):
            node.kind, node.options = "RESHAPE", {"new_shape": output.shape}
            node.inputs = [given, builder.integers(output.shape, "shape")]
            changed = True
    return changed


def permutation_of(node: Node) -> tuple[int, ...] | None:
    """Return the order of axes that a transposition makes; None for other operators."""
    order = node.inputs[1] if node.kind == "TRANSPOSE" else None
    if order is None or order.data is None:
        return None
    return tuple(int(axis) for axis in order.data)
