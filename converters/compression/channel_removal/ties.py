"""Channels that operators keep together: a channel of one tensor is there iff another's is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.channel_removal.layers import channels_of, layer_of
from edgekit.converters.graph.builder import Node, Value

__all__ = ["RESHAPING", "SAME_CHANNELS", "Tie", "padded_channels", "ties_of"]

Indices = npt.NDArray[np.intp]

RESHAPING = frozenset("EXPAND_DIMS RESHAPE SQUEEZE".split())
SAME_CHANNELS = frozenset(
    """
    ABS AVERAGE_POOL_2D CEIL COS ELU EXP FLOOR GELU HARD_SWISH LEAKY_RELU LOG LOGISTIC
    MAX_POOL_2D NEG RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR
    ROUND RSQRT SIGN SIN SQRT SQUARE TANH
    """.split()
)
"""Operators on one tensor that compute each channel from the same channel of the input."""

_BROADCASTING = frozenset("ADD DIV MAXIMUM MINIMUM MUL POW PRELU SQUARED_DIFFERENCE SUB".split())
_REDUCING = frozenset("MEAN REDUCE_MAX REDUCE_MIN REDUCE_PROD SUM".split())


@dataclass(frozen=True, slots=True)
class Tie:
    """Channel ``ones[i]`` of one tensor is kept iff channel ``others[i]`` of the other is.

    A constant is always the other: it has whatever channels the one has.
    """

    one: Value
    ones: Indices
    other: Value
    others: Indices


def ties_of(node: Node) -> list[Tie] | None:
    """Return what an operator keeps together; None where nothing may be removed around it.

    Layers other than depthwise ones keep nothing together: each side is free.
    """
    layer = layer_of(node)
    if layer is not None:
        if not layer.is_depthwise:
            return []
        outputs = np.arange(channels_of(layer.output))
        return [Tie(layer.output, outputs, layer.input, outputs // layer.multiplier)]
    if node.kind in SAME_CHANNELS:
        return _same(node, node.inputs[0])
    if node.kind in _BROADCASTING:
        return _broadcast(node)
    rule = _RULES.get("REDUCE" if node.kind in _REDUCING else node.kind)
    return rule(node) if rule else None


def padded_channels(node: Node) -> tuple[int, int] | None:
    """Return how many channels a PAD adds before and behind; None where that is not known."""
    amounts = node.inputs[1]
    if amounts is None or amounts.data is None:
        return None
    before, after = amounts.data.reshape(-1, 2)[-1].tolist()
    return int(before), int(after)


def _same(node: Node, value: Value | None) -> list[Tie] | None:
    (output,) = node.outputs
    if value is None or channels_of(value) != channels_of(output):
        return None
    every = np.arange(channels_of(output))
    return [Tie(output, every, value, every)]


def _broadcast(node: Node) -> list[Tie] | None:
    ties = []
    for value in node.reads():
        if channels_of(value) != 1 or channels_of(node.outputs[0]) == 1:
            found = _same(node, value)
            if found is None:
                return None
            ties.extend(found)
    return ties


def _reduce(node: Node) -> list[Tie] | None:
    value, axes = node.inputs[:2]
    if value is None or axes is None or axes.data is None:
        return None
    rank = len(value.shape)
    if rank - 1 in {int(axis) % rank for axis in axes.data.reshape(-1)}:
        return None
    return _same(node, value)


def _reshape(node: Node) -> list[Tie] | None:
    """Tie elements by their position in the sequence, modulo the smaller last axis."""
    value, (output,) = node.inputs[0], node.outputs
    if value is None or value.is_constant or not value.shape or not output.shape:
        return None
    if node.kind == "SQUEEZE" and not node.options.get("squeeze_dims"):
        return None  # it would squeeze the channels once a single one is left
    before, after = channels_of(value), channels_of(output)
    if max(before, after) % min(before, after):
        return None
    more, fewer = (output, value) if after >= before else (value, output)
    every = np.arange(channels_of(more))
    return [Tie(more, every, fewer, every % channels_of(fewer))]


def _pad(node: Node) -> list[Tie] | None:
    value, padded = node.inputs[0], padded_channels(node)
    if value is None or padded is None:
        return None
    every = np.arange(channels_of(value))
    return [Tie(node.outputs[0], every + padded[0], value, every)]


def _mirror_pad(node: Node) -> list[Tie] | None:
    return _same(node, node.inputs[0]) if padded_channels(node) == (0, 0) else None


def _concatenate(node: Node) -> list[Tie] | None:
    (output,) = node.outputs
    rank = len(output.shape)
    joins_channels = int(node.options.get("axis", 0)) % rank == rank - 1
    ties, start = [], 0
    for value in node.reads():
        every = np.arange(channels_of(value))
        ties.append(Tie(output, every + start, value, every))
        start += len(every) if joins_channels else 0
    return ties


def _slice(node: Node) -> list[Tie] | None:
    """Tie a part; begin and size have to be known, to be written anew."""
    value, begin, size = node.inputs[:3]
    known = all(item is not None and item.data is not None for item in (begin, size))
    if value is None or value.is_constant or not known:
        return None
    assert begin is not None
    assert begin.data is not None
    every = np.arange(channels_of(node.outputs[0]))
    return [Tie(node.outputs[0], every, value, every + int(begin.data.reshape(-1)[-1]))]


def _split(node: Node) -> list[Tie] | None:
    position = {"SPLIT": (1, 0), "SPLIT_V": (0, 2)}[node.kind]
    value, axis = (node.inputs[place] for place in position)
    if value is None or value.is_constant or axis is None or axis.data is None:
        return None
    parts_channels = int(axis.data.reshape(-1)[0]) % len(value.shape) == len(value.shape) - 1
    ties, start = [], 0
    for output in node.outputs:
        every = np.arange(channels_of(output))
        ties.append(Tie(output, every, value, every + start))
        start += len(every) if parts_channels else 0
    return ties


def _gather(node: Node) -> list[Tie] | None:
    value = node.inputs[0]
    if value is None or int(node.options.get("batch_dims", 0)):
        return None
    rank = len(value.shape)
    if int(node.options.get("axis", 0)) % rank == rank - 1:
        return None
    return _same(node, value)


def _transpose(node: Node) -> list[Tie] | None:
    order = node.inputs[1]
    if order is None or order.data is None or order.data.reshape(-1)[-1] != order.data.size - 1:
        return None
    return _same(node, node.inputs[0])


_RULES: dict[str, Callable[[Node], list[Tie] | None]] = {
    "REDUCE": _reduce,
    "PAD": _pad,
    "PADV2": _pad,
    "MIRROR_PAD": _mirror_pad,
    "CONCATENATION": _concatenate,
    "SLICE": _slice,
    "SPLIT": _split,
    "SPLIT_V": _split,
    "GATHER": _gather,
    "TRANSPOSE": _transpose,
    **dict.fromkeys(RESHAPING, _reshape),
}
