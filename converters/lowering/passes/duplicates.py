"""The same operator on the same values is computed once."""

from collections.abc import Hashable

from edgekit.converters.graph.builder import GraphBuilder, Node, Value

__all__ = ["share_duplicates"]

_LARGEST_COMPARED = 1024  # elements of a constant


def share_duplicates(builder: GraphBuilder) -> bool:
    """Let readers of an operator's outputs read those of an equal one before it.

    Ensures the same values; an output of the model stays a tensor of its own, and so does what
    stands for another pinned tensor, or for one while the other stands for none.
    """
    seen: dict[Hashable, Node] = {}
    changed = False
    for node in list(builder.nodes):
        if any(value in builder.outputs or value.is_variable for value in node.outputs):
            continue
        first = seen.setdefault((_key(node), _pinned(builder, node)), node)
        if first is node:
            continue
        for old, new in zip(node.outputs, first.outputs, strict=True):
            builder.replace(old, new)
        builder.nodes.remove(node)
        changed = True
    return changed


def _pinned(builder: GraphBuilder, node: Node) -> Hashable:
    names = (value.link.name if value.link else "" for value in node.outputs)
    return tuple(name if name in builder.pinned else "" for name in names)


def _key(node: Node) -> Hashable:
    inputs = tuple(_identity(value) for value in node.inputs)
    options = tuple(sorted((name, repr(value)) for name, value in node.options.items()))
    outputs = tuple((value.shape, value.dtype) for value in node.outputs)
    return node.kind, inputs, options, outputs


def _identity(value: Value | None) -> Hashable:
    if value is None:
        return None
    if value.data is None or value.data.size > _LARGEST_COMPARED:
        return id(value)
    return value.dtype, value.shape, value.data.tobytes()
