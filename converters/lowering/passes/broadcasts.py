"""Repetitions that an operator makes by itself vanish."""

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.lowering.passes.matching import Matcher

__all__ = ["drop_broadcasts"]

_BROADCASTING = frozenset(
    "ADD DIV EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND LOGICAL_OR MAXIMUM MINIMUM "
    "MUL NOT_EQUAL POW SELECT_V2 SQUARED_DIFFERENCE SUB".split()
)


def drop_broadcasts(builder: GraphBuilder) -> bool:
    """Let operators that broadcast read what a BROADCAST_TO repeats.

    Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        if node.kind not in _BROADCASTING:
            continue
        for position, value in enumerate(node.inputs):
            maker = matcher.maker(value, "BROADCAST_TO")
            if maker is None or maker.inputs[0] is None:
                continue
            inputs = [*node.inputs[:position], maker.inputs[0], *node.inputs[position + 1 :]]
            shapes = [item.shape for item in inputs if item is not None]
            if np.broadcast_shapes(*shapes) == node.outputs[0].shape:
                node.inputs, changed = inputs, True
    return changed
