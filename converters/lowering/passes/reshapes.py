"""Reshapes: those that do nothing vanish, the others move out of the way of fusion."""

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.lowering.passes.matching import Matcher

__all__ = ["drop_reshapes", "sink_reshapes"]

_UNARY = frozenset(
    "ABS CEIL COS ELU EXP FLOOR GELU HARD_SWISH LEAKY_RELU LOG LOGISTIC NEG RELU RELU6 ROUND RSQRT "
    "SIGN SIN SQRT TANH".split()
)
_BINARY = frozenset("ADD DIV MAXIMUM MINIMUM MUL SUB".split())


def drop_reshapes(builder: GraphBuilder) -> bool:
    """Make a chain of reshapes one, and remove one that keeps the shape.

    Ensures the same values; an output stays a tensor of its own.
    """
    changed = False
    matcher = Matcher(builder)
    taken = {*builder.inputs, *builder.outputs}
    for node in list(builder.nodes):
        given = node.inputs[0] if node.kind == "RESHAPE" else None
        if given is None:
            continue
        before = matcher.maker(given, "RESHAPE")
        if before is not None and before.inputs[0] is not None:
            node.inputs[0] = given = before.inputs[0]
            changed, matcher = True, Matcher(builder)
        output = node.outputs[0]
        if given.shape != output.shape:
            continue
        if output not in builder.outputs:
            builder.replace(output, given)
        elif given in taken or (maker := matcher.maker(given)) is None:
            continue
        else:
            maker.outputs = [output if item is given else item for item in maker.outputs]
            builder.replace(given, output)
        builder.nodes.remove(node)
        changed, matcher = True, Matcher(builder)
    return changed


def sink_reshapes(builder: GraphBuilder) -> bool:
    """Move reshapes behind operators over elements, so that these meet what computes for them.

    Requires that nobody else reads what is reshaped, and that constants lie along a last axis
    which the reshape keeps. Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        makers = _reshapes_before(matcher, node)
        if not makers:
            continue
        inner = makers[0].inputs[0]
        assert inner is not None
        for maker in makers:
            node.inputs[node.inputs.index(maker.outputs[0])] = maker.inputs[0]
            builder.nodes.remove(maker)
        output = node.outputs[0]
        result = Value(
            f"{output.name}/flat",
            inner.shape,
            output.dtype,
            origin=output.origin,
            link=output.link,
        )
        node.outputs = [result]
        target = builder.integers(output.shape, "shape")
        reshape = Node("RESHAPE", [result, target], [output], {"new_shape": output.shape})
        builder.nodes.insert(builder.nodes.index(node) + 1, reshape)
        changed, matcher = True, Matcher(builder)
    return changed


def _reshapes_before(matcher: Matcher, node: Node) -> list[Node]:
    """Return the reshapes that can move behind an operator, none where any of them cannot."""
    if node.kind in _UNARY:
        computed = [node.inputs[0]]
    elif node.kind in _BINARY:
        computed = [value for value in node.reads() if not value.is_constant]
    else:
        return []
    makers = []
    for value in computed:
        maker = matcher.private_maker(value, node, "RESHAPE")
        if (
            maker is None
            or maker.inputs[0] is None
            or maker.outputs[0].shape != node.outputs[0].shape
        ):
            return []
        makers.append(maker)
    shapes = {maker.inputs[0].shape for maker in makers if maker.inputs[0] is not None}
    constants = [value for value in node.reads() if value.is_constant]
    fits = all(_lies_along_last(item, node.outputs[0].shape, shapes) for item in constants)
    return makers if len(shapes) == 1 and fits else []


def _lies_along_last(constant: Value, outer: tuple[int, ...], inner: set[tuple[int, ...]]) -> bool:
    if constant.data is None or any(size != 1 for size in constant.shape[:-1]):
        return False
    rank = min(map(len, inner), default=0)
    if len(constant.shape) > rank:
        return False
    return constant.data.size == 1 or all(shape[-1] == outer[-1] for shape in inner)
