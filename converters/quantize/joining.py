"""Joins that give out parts of very different ranges: float keeps them apart."""

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["float_tails"]

_WIDEST = 16.0  # how much wider the join may be than a part: the contract's limit as well
_MOVES = frozenset(
    "CONCATENATION DEPTH_TO_SPACE EXPAND_DIMS GATHER PACK PAD RESHAPE SLICE SPLIT SPLIT_V SQUEEZE "
    "STRIDED_SLICE TRANSPOSE UNPACK".split()
)


def float_tails(builder: GraphBuilder, quantizer: Quantizer) -> set[Node]:
    """Return the nodes that have to stay in float so that no part of an output is lost.

    They are the joins (CONCATENATION, PACK) of parts of very different ranges, and what moves
    their results to an output of the model. In float no part takes another's scale.
    """
    found: set[Node] = set()
    consumers = builder.consumers()
    for node in builder.nodes:
        if node.kind in ("CONCATENATION", "PACK") and _is_mixed(node, quantizer):
            found |= _way_out(node, consumers, set(builder.outputs))
    return found


def _is_mixed(node: Node, quantizer: Quantizer) -> bool:
    widths = [_width(value, quantizer) for value in node.reads() if not value.is_constant]
    used = [width for width in widths if width > 0]
    return bool(used) and _width(node.outputs[0], quantizer) > _WIDEST * min(used)


def _width(value: Value, quantizer: Quantizer) -> float:
    seen = quantizer.range_of(value)
    return max(seen.high, 0.0) - min(seen.low, 0.0)


def _way_out(node: Node, consumers: dict[Value, list[Node]], outputs: set[Value]) -> set[Node]:
    """Return a node and the moves after it that lead to an output; nothing where none does."""
    found: set[Node] = set()
    for value in node.outputs:
        for reader in consumers.get(value, []):
            if reader.kind in _MOVES:
                found |= _way_out(reader, consumers, outputs)
    return found | {node} if found or outputs.intersection(node.outputs) else set()
