"""Which float tensors hold whole numbers only: their grid has a step of one where it can.

Positions that are floored, moved and cast to indices are exact on such a grid; on any other, a
2 is a 1.99, which is index 1.
"""

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType

__all__ = ["truncated_values", "whole_values"]

_ROUNDING = frozenset(["CEIL", "FLOOR", "FLOOR_DIV", "ROUND", "SIGN"])
_KEEPING = frozenset(
    "ABS ADD BROADCAST_TO CONCATENATION EXPAND_DIMS FLOOR_MOD GATHER GATHER_ND MAXIMUM MINIMUM MUL "
    "NEG PACK RESHAPE SLICE SPLIT SQUEEZE STRIDED_SLICE SUB SUM TILE TRANSPOSE UNPACK".split()
)


def whole_values(builder: GraphBuilder) -> set[Value]:
    """Return the computed float values of a graph that are whole numbers for every input."""
    found: set[Value] = set()
    for node in builder.nodes:
        if node.kind in _ROUNDING or _counts(node) or _keeps(node, found):
            found.update(value for value in node.outputs if value.dtype is DataType.FLOAT32)
    return found


def truncated_values(builder: GraphBuilder) -> set[Value]:
    """Return the float values that are made whole numbers of."""
    return {
        value
        for node in builder.nodes
        if node.kind == "CAST" and node.outputs[0].dtype in (DataType.INT32, DataType.INT64)
        for value in node.reads()
        if value.dtype is DataType.FLOAT32
    }


def _counts(node: Node) -> bool:
    """Tell whether a node makes float of integers or booleans."""
    first = node.inputs[0]
    return node.kind == "CAST" and first is not None and first.dtype is not DataType.FLOAT32


def _keeps(node: Node, found: set[Value]) -> bool:
    reals = [value for value in node.reads() if value.dtype is DataType.FLOAT32]
    return node.kind in _KEEPING and bool(reals) and all(_is_whole(v, found) for v in reals)


def _is_whole(value: Value, found: set[Value]) -> bool:
    if value.data is not None:
        return bool(np.all(value.data == np.round(value.data)))
    return value in found
