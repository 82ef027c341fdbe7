"""RNN and GRU, written out for each step of their sequence."""

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


@lowers("RNN")
def simple_recurrence(context: Lowering, node: SourceNode) -> None:
    """Lower a simple recurrent layer: ``H = f(X W + H R + b)``."""
    directions = context.shape(node.inputs[1])[0]
    unroll(context, node, [_SimpleCell(context, node, index) for index in range(directions)], 1)


@lowers("GRU")
def gated_recurrence(context: Lowering, node: SourceNode) -> None:
    """Lower gated recurrent units, with the reset before or behind the product."""
    directions = context.shape(node.inputs[1])[0]
    unroll(context, node, [_GatedCell(context, node, index) for index in range(directions)], 1)


class _SimpleCell:
    def __init__(self, context: Lowering, node: SourceNode, direction: int) -> None:
        self._context = context
        self._weights = Weights(context, node, direction, (0,))
        self._states = self._weights.constant(self._weights.states, "state_weights")
        (self._activation,) = activations_of(node, direction, ["Tanh"])

    def project(self, sequence: Value) -> Sequence[Value]:
        weights = self._weights
        return [weights.project(sequence, weights.input_bias + weights.state_bias)]

    def step(self, inputs: Sequence[Value], state: State) -> State:
        (total,), (old,) = inputs, state
        if old is not None:
            again = self._context.emit("FULLY_CONNECTED", [old, self._states, None], total.shape)
            total = self._context.emit("ADD", [total, again], total.shape)
        return (self._context.emit(self._activation, [total], total.shape),)


class _GatedCell:
    """Gates are update (z), reset (r), hidden (h), as ONNX orders them."""

    def __init__(self, context: Lowering, node: SourceNode, direction: int) -> None:
        self._context = context
        weights = self._weights = Weights(context, node, direction, (0, 1, 2))
        self._gate, self._activation = activations_of(node, direction, ["Sigmoid", "Tanh"])
        self._reset_behind = node.integer("linear_before_reset", 0) == 1
        gates = 2 * weights.hidden
        if self._reset_behind:
            # The bias of the gates is added to the input's part, that of the hidden one is not.
            hidden = np.where(np.arange(3 * weights.hidden) < gates, 0, weights.state_bias)
            self._bias = weights.constant(hidden.astype(np.float32), "state_bias")
            self._hidden_bias = weights.constant(weights.state_bias[gates:], "hidden_bias")
            self._states = weights.constant(weights.states, "state_weights")
        else:
            self._states = weights.constant(weights.states[:gates], "gate_weights")
            self._hidden_states = weights.constant(weights.states[gates:], "hidden_weights")

    def project(self, sequence: Value) -> Sequence[Value]:
        weights = self._weights
        bias = weights.input_bias.copy()
        known = 2 * weights.hidden if self._reset_behind else len(bias)
        bias[:known] += weights.state_bias[:known]
        sizes = (2 * weights.hidden, weights.hidden)
        return split_last(self._context, weights.project(sequence, bias), sizes)

    def step(self, inputs: Sequence[Value], state: State) -> State:
        emit, hidden = self._context.emit, self._weights.hidden
        (gates, total), (old,) = inputs, state
        again = None
        if old is not None and self._reset_behind:
            shape = (gates.shape[0], 3 * hidden)
            product = emit("FULLY_CONNECTED", [old, self._states, self._bias], shape)
            added, again = split_last(self._context, product, (2 * hidden, hidden))
            gates = emit("ADD", [gates, added], gates.shape)
        elif old is not None:
            added = emit("FULLY_CONNECTED", [old, self._states, None], gates.shape)
            gates = emit("ADD", [gates, added], gates.shape)
        gates = emit(self._gate, [gates], gates.shape)
        update, reset = split_last(self._context, gates, (hidden, hidden))
        if self._reset_behind:
            again = emit("MUL", [reset, again or self._hidden_bias], total.shape)
        elif old is not None:
            kept = emit("MUL", [reset, old], total.shape)
            again = emit("FULLY_CONNECTED", [kept, self._hidden_states, None], total.shape)
        if again is not None:
            total = emit("ADD", [total, again], total.shape)
        new = emit(self._activation, [total], total.shape)
        return (self._mixed(new, update, old),)

    def _mixed(self, new: Value, update: Value, old: Value | None) -> Value:
        """Return ``(1 - z) * new + z * old``."""
        emit, shape = self._context.emit, new.shape
        if old is None:
            return emit("SUB", [new, emit("MUL", [update, new], shape)], shape)
        change = emit("SUB", [old, new], shape)
        return emit("ADD", [new, emit("MUL", [update, change], shape)], shape)
