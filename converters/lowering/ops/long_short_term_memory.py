"""LSTM, written out for each step of its sequence."""

from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.recurrence import (
    State,
    Weights,
    activations_of,
    split_last,
    unroll,
)
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_PEEPHOLES = 7  # position of the input


@lowers("LSTM")
def long_short_term_memory(context: Lowering, node: SourceNode) -> None:
    """Lower long short-term memory, with or without peepholes."""
    directions = context.shape(node.inputs[1])[0]
    cells = [_Cell(context, node, index) for index in range(directions)]
    unroll(context, node, cells, 2)


class _Cell:
    """Gates are input, forget, output, cell, so that those with one activation lie together."""

    def __init__(self, context: Lowering, node: SourceNode, direction: int) -> None:
        self._context = context
        weights = self._weights = Weights(context, node, direction, (0, 2, 1, 3))
        self._states = weights.constant(weights.states, "state_weights")
        self._gate, self._cell, self._output = activations_of(
            node, direction, ["Sigmoid", "Tanh", "Tanh"]
        )
        self._peepholes: list[Value] = []
        if node.has(_PEEPHOLES):
            values = context.required_constant(node, _PEEPHOLES)[direction].astype(np.float32)
            parts = values.reshape(3, weights.hidden)[[0, 2, 1]]
            self._peepholes = [
                weights.constant(part, f"{name}_peephole")
                for part, name in zip(parts, ("input", "forget", "output"), strict=True)
            ]

    def project(self, sequence: Value) -> Sequence[Value]:
        weights = self._weights
        return [weights.project(sequence, weights.input_bias + weights.state_bias)]

    def step(self, inputs: Sequence[Value], state: State) -> State:
        emit, hidden = self._context.emit, self._weights.hidden
        (total,), (old, memory) = inputs, state
        if old is not None:
            again = emit("FULLY_CONNECTED", [old, self._states, None], total.shape)
            total = emit("ADD", [total, again], total.shape)
        gates, candidate = split_last(self._context, total, (3 * hidden, hidden))
        shape = candidate.shape
        candidate = emit(self._cell, [candidate], shape)
        if self._peepholes:
            given, kept, seen = split_last(self._context, gates, (hidden,) * 3)
            given, kept = self._peep(given, 0, memory), self._peep(kept, 1, memory)
        else:
            gates = emit(self._gate, [gates], gates.shape)
            given, kept, seen = split_last(self._context, gates, (hidden,) * 3)
        new = emit("MUL", [given, candidate], shape)
        if memory is not None:
            new = emit("ADD", [emit("MUL", [kept, memory], shape), new], shape)
        if self._peepholes:
            seen = self._peep(seen, 2, new)
        return emit("MUL", [seen, emit(self._output, [new], shape)], shape), new

    def _peep(self, gate: Value, index: int, memory: Value | None) -> Value:
        """Return a gate that looks at the cell's memory."""
        emit, shape = self._context.emit, gate.shape
        if memory is not None:
            seen = emit("MUL", [memory, self._peepholes[index]], shape)
            gate = emit("ADD", [gate, seen], shape)
        return emit(self._gate, [gate], shape)
