"""Masks of attention: numbers near minus infinity become finite ones that integers can hold."""

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.mask_guards import BELOW, settle_guards, settle_limits
from edgekit.converters.quantize.parameters import SENTINEL
from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["settle_masks"]

_HIDING = 1e4
"""From this magnitude on a negative number hides what a softmax is taken of, as -10000 does."""

_MOVING = frozenset(
    "BROADCAST_TO CONCATENATION EXPAND_DIMS GATHER PACK REDUCE_MAX RESHAPE SLICE SQUEEZE "
    "STRIDED_SLICE TILE TRANSPOSE".split()
)
_LIMITING = frozenset(["MAXIMUM", "MINIMUM"])
_THROUGH = _MOVING | _LIMITING | {"ADD", "MUL", "SELECT_V2"}


def settle_masks(quantizer: Quantizer) -> None:
    """Give masks and masked scores ranges in which what is hidden is the lowest.

    A mask may be known, given, chosen (``SELECT_V2``) or computed (``(1 - valid) * -3.4e38``);
    scores may have it added or be replaced by it. Guards against rows of which everything is hidden
    (``softmax(x) != softmax(x)``, which integers never are) ask the scores instead, and limits
    near minus infinity that masks and scores are held against become finite too.
    """
    settling = _Settling(quantizer)
    for node in quantizer.builder.nodes:
        settling.visit(node)
    settling.reach_back()
    settle_guards(quantizer, settling.masked, settling.closable)
    settle_limits(quantizer, settling.masks, settling.masked)


class _Settling:
    """What hides, and what is hidden from.

    Attributes:
        masks: Values that hide where they are added -> the lowest of their other numbers.
        masked: Scores with hidden places -> the lowest number that is none of those.
        closable: Masked scores of which whole rows may be hidden.
    """

    def __init__(self, quantizer: Quantizer) -> None:
        self._quantizer = quantizer
        self._bound = _bound_for_softmax(quantizer.builder.nodes)
        self._reach: dict[Value, float] = {}
        self.masks: dict[Value, float] = {
            value: min(quantizer.range_of(value).low, 0.0)
            for value in quantizer.builder.inputs
            if value in quantizer.hiding
        }
        self.masked: dict[Value, float] = {}
        self.closable: set[Value] = set()

    def visit(self, node: Node) -> None:
        """Tell what an operator's output is."""
        output = node.outputs[0]
        if node.kind not in _THROUGH or output.dtype is not DataType.FLOAT32:
            return
        floats = [value for value in node.reads() if value.dtype is DataType.FLOAT32]
        hiding = [value for value in floats if self._hides(value)]
        others = [value for value in floats if value not in hiding]
        is_masked = any(value in self.masked for value in others)
        if node.kind == "ADD" and hiding and others:
            self._add(node, others[0], hiding[0])
        elif node.kind == "ADD" and is_masked:
            self._mask(output, sum(map(self._low, others)), floats)
        elif node.kind == "MUL" or (node.kind in _LIMITING and not is_masked):
            if any(value in self.masks or node.kind == "MUL" for value in hiding):
                self.masks[output] = 0.0
        elif is_masked or (hiding and any(not item.is_constant for item in others)):
            self._mask(output, min(map(self._low, others)), floats)
        elif hiding:
            self.masks[output] = min(map(self._low, others), default=0.0)

    def reach_back(self) -> None:
        """Make every mask as low as the scores that it is added to ask for, and no lower."""
        quantizer = self._quantizer
        for node in reversed(quantizer.builder.nodes):
            output = node.outputs[0]
            reach = self._reach.get(output)
            if output not in self.masks or reach is None:
                continue
            quantizer.assume(output, -reach, max(quantizer.range_of(output).high, 0.0))
            for value in node.reads():
                if self._hides(value) and not value.is_constant:
                    self._reach[value] = max(reach, self._reach.get(value, 0.0))
            if node.kind == "MUL":
                largest = max(quantizer.range_of(v).high for v in node.reads() if v.data is None)
                node.inputs = [
                    self._finite(value, reach / max(largest, 1e-9)) for value in node.inputs
                ]

        for value in quantizer.builder.inputs:
            if value in self.masks and value in self._reach:
                highest = max(quantizer.range_of(value).high, 0.0)
                quantizer.assume(value, -self._reach[value], highest)

    def _add(self, node: Node, scores: Value, mask: Value) -> None:
        (output,) = node.outputs
        known = np.zeros(()) if mask.data is None else mask.data
        lowest = self.masks.get(mask, float(np.min(known[known > -_HIDING], initial=0.0)))
        is_open = mask.data is not None and bool(np.all(np.max(known, axis=-1) > -_HIDING))
        self._mask(output, self._low(scores) + lowest, [scores] if is_open else [scores, mask])
        reach = max(self._quantizer.range_of(scores).high, 0.0) - self.masked[output] + BELOW
        self._reach[mask] = max(reach, self._reach.get(mask, 0.0))
        node.inputs = [self._finite(value, reach) for value in node.inputs]

    def _mask(self, output: Value, lowest: float, sources: list[Value]) -> None:
        """Make an output masked."""
        seen = self._quantizer.range_of(output)
        self.masked[output] = lowest = min(max(seen.low, lowest), 0.0)
        self._quantizer.assume(output, lowest - BELOW, max(seen.high, 0.0))
        if any(item in self.closable or self._hides(item) for item in sources):
            self.closable.add(output)

    def _low(self, value: Value) -> float:
        return self.masked.get(value, self._quantizer.range_of(value).low)

    def _hides(self, value: Value) -> bool:
        if value.data is None or value.dtype is not DataType.FLOAT32:
            return value in self.masks
        limit = _HIDING if value in self._bound else SENTINEL
        return bool(np.any(value.data <= -limit))

    def _finite(self, value: Value | None, reach: float) -> Value | None:
        """Return a known mask with what hides no lower than asked for; others as they are."""
        if value is None or value.data is None or not self._hides(value):
            return value
        data = np.maximum(value.data, np.float32(-reach))
        return Value(value.name, value.shape, value.dtype, data, None, value.origin)


def _bound_for_softmax(nodes: list[Node]) -> set[Value]:
    """Return the values that reach a softmax through operators that masks go through."""
    bound: set[Value] = set()
    for node in reversed(nodes):
        goes_on = node.kind in _THROUGH and node.outputs[0] in bound
        if node.kind == "SOFTMAX" or goes_on:
            bound.update(node.reads())
    return bound
