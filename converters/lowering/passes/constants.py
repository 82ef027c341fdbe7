"""Known terms and factors: neutral ones vanish, neighbours become one."""

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.lowering.passes.matching import Matcher, activation_of, constant_operand

__all__ = ["drop_neutral", "merge_constants", "order_affine"]

_NEUTRAL = {"ADD": 0.0, "SUB": 0.0, "MUL": 1.0, "DIV": 1.0}


def drop_neutral(builder: GraphBuilder) -> bool:
    """Remove ``x + 0``, ``x - 0``, ``x * 1`` and ``x / 1``.

    Ensures the same values, but that -0 may stay what ``x + 0`` makes 0.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        operands = constant_operand(node) if node.kind in _NEUTRAL else None
        if operands is None or activation_of(node) or node.outputs[0] in builder.outputs:
            continue
        value, constant, is_first = operands
        if is_first and node.kind in ("SUB", "DIV"):
            continue
        if matcher.is_pinned(node.outputs[0]):
            continue
        if np.all(constant.data == _NEUTRAL[node.kind]):
            builder.nodes.remove(node)
            builder.replace(node.outputs[0], value)
            changed = True
    return changed


def merge_constants(builder: GraphBuilder) -> bool:
    """Make ``(x + a) + b`` one addition and ``(x * a) * b`` one product.

    Requires that nobody else reads the inner one. Ensures the same values up to rounding.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        outer = constant_operand(node) if node.kind in ("ADD", "MUL") else None
        maker = matcher.private_maker(outer[0], node, node.kind) if outer else None
        inner = constant_operand(maker) if maker and not activation_of(maker) else None
        if outer is None or inner is None or maker is None:
            continue
        first, second = np.asarray(inner[1].data), np.asarray(outer[1].data)
        merged = first + second if node.kind == "ADD" else first * second
        if merged.size > max(first.size, second.size):
            continue
        node.inputs = [inner[0], builder.constant(merged, outer[1].name)]
        builder.nodes.remove(maker)
        changed = True
    return changed


def order_affine(builder: GraphBuilder) -> bool:
    """Make ``(x * a + b) * c`` a product and then a sum, so that the products can merge.

    Requires that nobody else reads the inner ones. Ensures the same values up to rounding.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        factor = constant_operand(node) if node.kind == "MUL" else None
        total = matcher.private_maker(factor[0], node, "ADD") if factor else None
        term = constant_operand(total) if total and not activation_of(total) else None
        product = matcher.private_maker(term[0], total, "MUL") if total and term else None
        if factor is None or total is None or term is None or product is None:
            continue
        if activation_of(product) or constant_operand(product) is None:
            continue
        first, second = np.asarray(term[1].data), np.asarray(factor[1].data)
        total.kind, total.inputs = "MUL", [term[0], factor[1]]
        total.outputs[0].link = None
        node.kind = "ADD"
        node.inputs = [factor[0], builder.constant(first * second, term[1].name)]
        changed = True
    return changed
