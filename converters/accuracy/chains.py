"""Weighted layers between which a positive factor for each channel may be moved."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Node, Value

__all__ = ["OUTPUT_AXIS", "Chain", "find_chains", "input_factors", "scale_inputs", "scale_outputs"]

Floats = npt.NDArray[np.float64]

OUTPUT_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}
"""Operator -> the axis of output channels in its weights."""

_POSITIVE = frozenset([0, 1])  # the schema's ActivationFunctionType: none and RELU; RELU6 clips
_SAME_CHANNELS = frozenset("AVERAGE_POOL_2D LEAKY_RELU MAX_POOL_2D MEAN PAD RELU".split())
_RESHAPING = frozenset("EXPAND_DIMS RESHAPE SQUEEZE".split())


@dataclass(frozen=True, slots=True)
class Chain:
    """A layer, and the layers that alone read what it writes.

    Attributes:
        first: Writes the channels.
        between: Values from its output on that get the factor.
        readers: Weighted layers that take the factor back.
    """

    first: Node
    between: tuple[Value, ...]
    readers: tuple[Node, ...]

    @property
    def names(self) -> set[str]:
        """The names of all tensors that change."""
        weighted = (self.first, *self.readers)
        constants = (value for node in weighted for value in node.inputs[1:] if value)
        return {value.name for value in (*self.between, *constants)}


def find_chains(builder: GraphBuilder) -> list[Chain]:
    """Return all chains, in the order of execution.

    Between the layers stands only what a positive factor passes through exactly: ReLU, leaky
    ReLU, pooling, padding with zeros, a mean over other axes, a reshape that keeps channels
    innermost. ReLU6 clips at 6 whatever the factor, and ends a chain, like anything else.
    """
    consumers = builder.consumers()
    found = []
    for node in builder.nodes:
        if not _has_own_weights(node, consumers) or _activation(node) not in _POSITIVE:
            continue
        way = _Way(builder, consumers, node.outputs[0].shape[-1])
        if way.follow(node.outputs[0]):
            found.append(Chain(node, tuple(way.between), tuple(way.readers)))
    return found


def scale_outputs(builder: GraphBuilder, node: Node, factors: Floats) -> None:
    """Multiply weights and bias by a factor for each output channel."""
    weights = _there(node.inputs[1])
    shape = [1] * len(weights.shape)
    shape[OUTPUT_AXIS[node.kind]] = -1
    _multiply(builder, node, 1, factors.reshape(shape))
    if len(node.inputs) > 2 and node.inputs[2] is not None:
        _multiply(builder, node, 2, factors)


def scale_inputs(builder: GraphBuilder, node: Node, factors: Floats) -> None:
    """Multiply weights by a factor for each channel of the input, repeated as it holds them."""
    _multiply(builder, node, 1, input_factors(node, factors))


def input_factors(node: Node, factors: Floats) -> Floats:
    """Return the factors of a layer's input in a shape that broadcasts over its weights."""
    weights = _there(node.inputs[1])
    if node.kind == "FULLY_CONNECTED":
        return np.tile(factors, weights.shape[1] // len(factors))
    given = np.tile(factors, _there(node.inputs[0]).shape[-1] // len(factors))
    if node.kind == "DEPTHWISE_CONV_2D":
        return np.repeat(given, weights.shape[3] // len(given))
    groups = len(given) // weights.shape[3]
    by_group = given.reshape(groups, 1, 1, 1, -1)
    return np.repeat(by_group, weights.shape[0] // groups, axis=0)[:, 0]


class _Way:
    """Follows a value to the weighted layers that read it."""

    def __init__(
        self, builder: GraphBuilder, consumers: dict[Value, list[Node]], channels: int
    ) -> None:
        self._outputs = set(builder.outputs)
        self._consumers = consumers
        self._channels = channels
        self.between: list[Value] = []
        self.readers: list[Node] = []

    def follow(self, value: Value) -> bool:
        """Tell whether all that reads a value takes a factor back, or passes it on."""
        readers = self._consumers.get(value, [])
        if value in self._outputs or not readers or value.shape[-1] % self._channels:
            return False
        self.between.append(value)
        return all(self._reads(node, value) for node in readers)

    def _reads(self, node: Node, value: Value) -> bool:
        if node.inputs[0] is not value or value in node.inputs[1:]:
            return False
        if _has_own_weights(node, self._consumers):
            self.readers.append(node)
            inner = _there(node.inputs[1]).shape[1] if node.kind == "FULLY_CONNECTED" else 0
            return inner % self._channels == 0
        return self._passes(node) and self.follow(node.outputs[0])

    def _passes(self, node: Node) -> bool:
        (given,), (written,) = [_there(node.inputs[0])], node.outputs[:1]
        if node.kind in _RESHAPING:
            return True  # `follow` looks at the innermost size
        if node.kind not in _SAME_CHANNELS or _activation(node) not in _POSITIVE:
            return False
        if node.kind == "MEAN":
            return _keeps_last_axis(node)
        return given.shape[-1] == written.shape[-1]


def _keeps_last_axis(node: Node) -> bool:
    axes, rank = _there(node.inputs[1]).data, len(_there(node.inputs[0]).shape)
    return axes is not None and rank - 1 not in {int(axis) % rank for axis in axes.reshape(-1)}


def _has_own_weights(node: Node, consumers: dict[Value, list[Node]]) -> bool:
    """Tell whether a node is a layer whose float constants nobody else reads."""
    if node.kind not in OUTPUT_AXIS:
        return False
    constants = [value for value in node.inputs[1:] if value is not None]
    return all(
        value.data is not None and value.data.dtype == np.float32 and len(consumers[value]) == 1
        for value in constants
    )


def _activation(node: Node) -> int:
    return int(node.options.get("fused_activation_function", 0))


def _multiply(builder: GraphBuilder, node: Node, position: int, factors: Floats) -> None:
    value = _there(node.inputs[position])
    assert value.data is not None
    product = (value.data.astype(np.float64) * factors).astype(np.float32)
    node.inputs[position] = builder.constant(product, value.name)


def _there(value: Value | None) -> Value:
    assert value is not None
    return value
