"""What passes ask of a graph: who made a value, who alone reads it, what a constant is."""

from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType

__all__ = ["Matcher", "activation_of", "constant_operand", "number_of"]


class Matcher:
    """The makers and readers of values at one moment; a change of the graph needs a new one.

    Args:
        builder: The graph.
    """

    def __init__(self, builder: GraphBuilder) -> None:
        self._outputs = set(builder.outputs)
        self._pinned = builder.pinned
        self._makers = builder.producers()
        self._readers = builder.consumers()

    def maker(self, value: Value | None, kinds: Sequence[str] | str = ()) -> Node | None:
        """Return the operator that computes a value if it is of one of these kinds."""
        node = self._makers.get(value) if value is not None else None
        wanted = (kinds,) if isinstance(kinds, str) else kinds
        return node if node is not None and (not wanted or node.kind in wanted) else None

    def only_for(self, value: Value, reader: Node) -> bool:
        """Whether a value may vanish: one operator alone reads it, once, and it is not pinned."""
        if value in self._outputs or self.is_pinned(value):
            return False
        return self._readers.get(value, []) == [reader]

    def is_pinned(self, value: Value | None) -> bool:
        """Whether a computed value stands for a tensor that has to stay one of its own.

        What is only moved may vanish: it has the numbers of another tensor, and its grid.
        """
        if value is None or value.link is None or value.link.name not in self._pinned:
            return False
        maker = self._makers.get(value)
        return maker is not None and maker.kind not in ("RESHAPE", "TRANSPOSE")

    def private_maker(
        self, value: Value | None, reader: Node, kinds: Sequence[str] | str
    ) -> Node | None:
        """Return the operator that computes a value for one reader alone."""
        node = self.maker(value, kinds)
        if node is None or value is None or len(node.outputs) != 1:
            return None
        return node if self.only_for(value, reader) else None


def activation_of(node: Node) -> int:
    """Return the fused activation, 0 for none."""
    return int(node.options.get("fused_activation_function", 0))


def constant_operand(node: Node) -> tuple[Value, Value, bool] | None:
    """Return the computed and the constant float operand of a binary operator.

    The last item tells whether the constant comes first. None where there are no such two, or
    where the constant makes the result larger than the computed operand.
    """
    first, second = node.inputs[:2]
    if first is None or second is None or first.is_constant == second.is_constant:
        return None
    value, constant = (second, first) if first.is_constant else (first, second)
    if value.dtype is not DataType.FLOAT32 or node.outputs[0].shape != value.shape:
        return None
    return value, constant, first.is_constant


def number_of(value: Value | None) -> float | None:
    """Return the one number that a constant holds, None for anything else."""
    if value is None or value.data is None or value.data.size != 1:
        return None
    return float(np.asarray(value.data).reshape(()))
