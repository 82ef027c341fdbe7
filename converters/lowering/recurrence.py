"""Recurrent layers as what they are: the same few operators for each step of a fixed sequence."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.matrix import fully_connected
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["Cell", "State", "Weights", "activations_of", "split_last", "unroll"]

LONGEST = 512
"""Steps that are written out; each takes about ten operators."""

State = tuple[Value | None, ...]
"""What a step hands to the next, the output first; None stands for zeros."""

_ACTIVATIONS = {"relu": "RELU", "sigmoid": "LOGISTIC", "tanh": "TANH"}
_LENGTHS, _FIRST_STATE = 4, 5  # positions of inputs, the same for GRU, LSTM and RNN


class Cell(Protocol):
    """One direction of a layer."""

    def project(self, sequence: Value) -> Sequence[Value]:
        """Return what does not depend on the state, for all steps: ``[steps, batch, n]`` each."""
        ...

    def step(self, inputs: Sequence[Value], state: State) -> State:
        """Return the state after a step, from what was projected for it: ``[batch, n]`` each."""
        ...


class Weights:
    """Constants of one direction, made once and shared by all steps.

    Args:
        context: The lowering.
        node: The layer.
        direction: 0 or 1.
        order: Its gates in the order in which they shall stand.
        gates: How many there are.
    """

    def __init__(
        self, context: Lowering, node: SourceNode, direction: int, order: Sequence[int]
    ) -> None:
        self._context, self._node = context, node
        gates = len(order)
        self.hidden = context.shape(node.inputs[2])[2]
        self.name = f"{node.name}/{'backward' if direction else 'forward'}"

        def sorted_gates(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
            parts = values.astype(np.float32).reshape(gates, self.hidden, -1)
            return np.concatenate([parts[gate] for gate in order])

        self.inputs = sorted_gates(context.required_constant(node, 1)[direction])
        self.states = sorted_gates(context.required_constant(node, 2)[direction])
        if node.has(3):
            bias = context.required_constant(node, 3)[direction].reshape(2, -1)
            self.input_bias, self.state_bias = (sorted_gates(item)[:, 0] for item in bias)
        else:
            self.input_bias = self.state_bias = np.zeros(gates * self.hidden, np.float32)

    def constant(self, values: npt.NDArray[np.float32], part: str) -> Value:
        """Return a constant of this direction; weights know from which input they are."""
        source = self._node.inputs[2] if part.endswith("_weights") else ""
        return self._context.made_of(source, values, f"{self.name}/{part}")

    def project(self, sequence: Value, bias: npt.NDArray[np.float32]) -> Value:
        """Multiply every step of the input with the input weights at once."""
        name = f"{self.name}/input_weights"
        return fully_connected(
            self._context, sequence, self.inputs, bias, name, self._node.inputs[1]
        )


def unroll(context: Lowering, node: SourceNode, cells: Sequence[Cell], states: int) -> None:
    """Lower a recurrent layer with one cell for each direction.

    Args:
        context: The lowering.
        node: Its inputs are the sequence ``[steps, batch, n]``, weights, lengths and states.
        cells: Forward first; one alone may be the backward one.
        states: How many tensors a step hands on.
    """
    sequence = context.get(node.inputs[0])
    steps, batch = sequence.shape[:2]
    _check(node, steps)
    lengths = np.full(batch, steps)
    if node.has(_LENGTHS):
        lengths = np.minimum(context.required_constant(node, _LENGTHS), steps)
    first = [_first_states(context, node, _FIRST_STATE + i, len(cells)) for i in range(states)]
    outputs: list[list[Value]] = []
    last: list[State] = []
    for index, cell in enumerate(cells):
        parts = [_steps(context, part) for part in cell.project(sequence)]
        state: State = tuple(values[index] for values in first)
        backward = index == 1 or node.text("direction", "forward") == "reverse"
        found: dict[int, Value] = {}
        for step in reversed(range(steps)) if backward else range(steps):
            state, found[step] = _step(
                context, cell, [part[step] for part in parts], state, lengths > step
            )
        outputs.append([found[step] for step in range(steps)])
        last.append(state)
    _set_sequence(context, node, outputs)
    for position in range(states):
        if len(node.outputs) > position + 1 and node.outputs[position + 1]:
            final = [_filled(context, node, state[position]) for state in last]
            context.set(node.outputs[position + 1], _pack(context, final))


def activations_of(node: SourceNode, direction: int, defaults: Sequence[str]) -> list[str]:
    """Return TFLite's kinds for the activations of one direction."""
    count = len(defaults)
    named = [
        item.decode() if isinstance(item, bytes) else str(item)
        for item in node.attributes.get("activations", ())
    ]
    chosen = named[direction * count : (direction + 1) * count] or list(defaults)
    for name in chosen:
        if name.lower() not in _ACTIVATIONS:
            raise RefusedError(
                node, f"activation {name}", hint="Relu, Sigmoid and Tanh are supported"
            )
    return [_ACTIVATIONS[name.lower()] for name in chosen]


def split_last(context: Lowering, value: Value, sizes: Sequence[int]) -> list[Value]:
    """Return consecutive parts of the last axis."""
    shapes = [(*value.shape[:-1], size) for size in sizes]
    axis = context.builder.constant(np.array(len(value.shape) - 1, np.int32), "axis")
    dtypes = [value.dtype] * len(sizes)
    if len(set(sizes)) == 1:
        return context.emit_many("SPLIT", [axis, value], shapes, dtypes, num_splits=len(sizes))
    lengths = context.builder.integers(sizes, "sizes")
    return context.emit_many(
        "SPLIT_V", [value, lengths, axis], shapes, dtypes, num_splits=len(sizes)
    )


def _check(node: SourceNode, steps: int) -> None:
    if steps > LONGEST:
        raise RefusedError(
            node,
            f"its sequence of {steps} steps is longer than {LONGEST}",
            hint="export the model with a shorter sequence",
        )
    if node.integer("layout", 0) or node.integer("input_forget", 0) or "clip" in node.attributes:
        raise RefusedError(
            node,
            "one of layout, input_forget and clip is set",
            hint="only their defaults are supported",
        )


def _first_states(
    context: Lowering, node: SourceNode, position: int, count: int
) -> Sequence[Value | None]:
    """Return the first state of each direction; zeros are left out."""
    if not node.has(position):
        return [None] * count
    data = context.constant(node.inputs[position])
    if data is not None and not np.any(data):
        return [None] * count
    return _steps(context, context.get(node.inputs[position]))


def _steps(context: Lowering, value: Value) -> list[Value]:
    """Return the slices of the first axis."""
    count, *shape = value.shape
    if value.data is not None:
        return [context.builder.constant(item, value.name) for item in value.data]
    if count == 1:
        return [context.reshape(value, shape)]
    dtypes = [value.dtype] * count
    return context.emit_many("UNPACK", [value], [shape] * count, dtypes, num=count, axis=0)


def _step(
    context: Lowering,
    cell: Cell,
    inputs: Sequence[Value],
    state: State,
    valid: npt.NDArray[np.bool_],
) -> tuple[State, Value]:
    """Return the state and the output after a step that only some sequences of the batch have."""
    new = cell.step(inputs, state)
    made = new[0]
    assert made is not None
    if np.all(valid):
        return new, made
    zeros = context.builder.constant(np.zeros(made.shape, np.float32), "zeros")
    if not np.any(valid):
        return state, zeros
    chosen = context.builder.constant(valid[:, None], "valid")

    def where(value: Value | None, other: Value | None) -> Value:
        return context.emit(
            "SELECT_V2", [chosen, value, other or zeros], made.shape, dtype=DataType.FLOAT32
        )

    kept = tuple(where(value, old) for value, old in zip(new, state, strict=True))
    return kept, kept[0] if state[0] is None else where(made, None)


def _filled(context: Lowering, node: SourceNode, value: Value | None) -> Value:
    if value is not None:
        return value
    shape = context.shape(node.outputs[1] or node.outputs[-1])[1:]
    return context.builder.constant(np.zeros(shape, np.float32), "zeros")


def _pack(context: Lowering, values: Sequence[Value]) -> Value:
    """Return values along a new first axis."""
    shape = (len(values), *values[0].shape)
    if len(values) == 1:
        return context.reshape(values[0], shape)
    return context.emit("PACK", values, shape, values_count=len(values), axis=0)


def _set_sequence(context: Lowering, node: SourceNode, outputs: list[list[Value]]) -> None:
    """Set ``Y``; two directions lie beside each other, as whatever comes next wants them."""
    if not node.outputs[0]:
        return
    packed = [_pack(context, values) for values in outputs]
    steps, batch, hidden = packed[0].shape
    if len(packed) == 1:
        value = context.reshape(packed[0], (steps, 1, batch, hidden))
        context.set(node.outputs[0], value)
        return
    value = context.emit("CONCATENATION", packed, (steps, batch, 2 * hidden), axis=2)
    value = context.reshape(value, (steps, batch, 2, hidden))
    context.set(node.outputs[0], value, (0, 2, 1, 3))
