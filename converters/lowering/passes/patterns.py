"""Several operators that together are one of TFLite's, or a better one."""

import math

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.passes.matching import Matcher, activation_of, number_of

__all__ = ["recognise_hard_swish", "recognise_reciprocal_root", "recognise_squared_difference"]

_RELU6 = 3  # the schema's ActivationFunctionType


def recognise_reciprocal_root(builder: GraphBuilder) -> bool:
    """Make ``a / SQRT(b)`` a product with RSQRT, which integers like better than a quotient.

    Requires that nobody else reads the root. Ensures the same values up to rounding.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        root = matcher.private_maker(node.inputs[1], node, "SQRT") if node.kind == "DIV" else None
        if root is None or node.outputs[0].dtype is not DataType.FLOAT32:
            continue
        root.kind = "RSQRT"
        root.outputs[0].link = None
        changed = True
        is_plain = number_of(node.inputs[0]) == 1.0 and not activation_of(node)
        if is_plain and root.outputs[0].shape == node.outputs[0].shape:
            node.kind, node.inputs, node.options = "RSQRT", root.inputs, {}
        else:
            node.kind = "MUL"
    return changed and (builder.remove_dead() or True)


def recognise_squared_difference(builder: GraphBuilder) -> bool:
    """Make ``(a - b) * (a - b)`` a SQUARED_DIFFERENCE, as normalisations are written here.

    Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        if node.kind != "MUL" or node.inputs[0] is not node.inputs[1] or activation_of(node):
            continue
        difference = matcher.maker(node.inputs[0], "SUB")
        if matcher.is_pinned(node.inputs[0]):
            continue
        if difference is not None and not activation_of(difference):
            node.kind, node.inputs, node.options = (
                "SQUARED_DIFFERENCE",
                list(difference.inputs),
                {},
            )
            changed = True
    return changed


def recognise_hard_swish(builder: GraphBuilder) -> bool:
    """Make ``x * RELU6(x + 3) / 6`` HARD_SWISH, in whichever order it is multiplied.

    Requires that nobody else reads the parts. Ensures the same values up to rounding.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        if node.kind not in ("MUL", "DIV") or activation_of(node):
            continue
        factors, scale = _factors(matcher, node)
        if len(factors) != 2 or not math.isclose(scale, 1.0 / 6.0, rel_tol=1e-5):
            continue
        for x, other in (factors, factors[::-1]):
            if _is_shifted_relu6(matcher, other, x) and x.shape == node.outputs[0].shape:
                node.kind, node.inputs, node.options = "HARD_SWISH", [x], {}
                builder.remove_dead()
                changed, matcher = True, Matcher(builder)
                break
    return changed


def _factors(matcher: Matcher, node: Node) -> tuple[list[Value], float]:
    """Return the computed factors of a product and the product of its known numbers."""
    factors: list[Value] = []
    scale = 1.0
    for position, value in enumerate(node.inputs):
        number = number_of(value)
        if number is not None and number != 0.0:
            scale *= 1.0 / number if node.kind == "DIV" and position else number
            continue
        inner = matcher.private_maker(value, node, ("MUL", "DIV"))
        if inner is not None and not activation_of(inner) and _has_number(inner, node):
            more, other = _factors(matcher, inner)
            factors, scale = factors + more, scale * other
        elif value is not None and not (node.kind == "DIV" and position):
            factors.append(value)
        else:
            return [], 0.0
    return factors, scale


def _has_number(inner: Node, node: Node) -> bool:
    """Whether a product inside a product is to be opened: one of the two holds a number."""
    return any(number_of(value) is not None for item in (inner, node) for value in item.inputs)


def _is_shifted_relu6(matcher: Matcher, value: Value, x: Value) -> bool:
    node = matcher.maker(value, ("ADD", "RELU6"))
    if matcher.is_pinned(value) or (node is not None and matcher.is_pinned(node.inputs[0])):
        return False
    if node is not None and node.kind == "RELU6":
        node = matcher.maker(node.inputs[0], "ADD")
        if node is not None and activation_of(node):
            return False
    elif node is not None and activation_of(node) != _RELU6:
        return False
    if node is None or x not in node.inputs:
        return False
    return any(number_of(other) == 3.0 for other in node.inputs)
