"""Which channels have one known value at every position, whatever the model's input."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.channel_removal.layers import (
    Floats,
    Layer,
    channels_of,
    layer_of,
)
from edgekit.converters.compression.channel_removal.ties import (
    RESHAPING,
    SAME_CHANNELS,
    Tie,
    padded_channels,
    ties_of,
)
from edgekit.converters.graph.builder import GraphBuilder, Node, Value

__all__ = ["KnownChannels", "absorbable", "known_channels"]

KnownChannels = dict[Value, Floats]
"""Value -> one number for each channel, NaN where it is not known."""

_Function = Callable[[Floats], Any]

_FUSED: dict[int, _Function] = {  # the schema's ActivationFunctionType
    0: lambda x: x,
    1: lambda x: np.maximum(x, 0),
    2: lambda x: np.clip(x, -1, 1),
    3: lambda x: np.clip(x, 0, 6),
    4: np.tanh,
}
_FUNCTIONS: dict[str, _Function] = {
    "ABS": np.abs,
    "AVERAGE_POOL_2D": lambda x: x,
    "ELU": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "EXP": np.exp,
    "HARD_SWISH": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "LOGISTIC": lambda x: 1 / (1 + np.exp(-x)),
    "MAX_POOL_2D": lambda x: x,
    "NEG": np.negative,
    "RELU": _FUSED[1],
    "RELU6": _FUSED[3],
    "RELU_0_TO_1": lambda x: np.clip(x, 0, 1),
    "RELU_N1_TO_1": _FUSED[2],
    "RESIZE_BILINEAR": lambda x: x,
    "RESIZE_NEAREST_NEIGHBOR": lambda x: x,
    "SQUARE": np.square,
    "TANH": np.tanh,
}
_BINARY: dict[str, Callable[[Floats, Floats], Any]] = {
    "ADD": np.add,
    "MAXIMUM": np.maximum,
    "MINIMUM": np.minimum,
    "MUL": lambda x, y: np.where((x == 0) | (y == 0), 0.0, x * y),
    "PRELU": lambda x, slope: np.where(x < 0, x * slope, x),
    "SQUARED_DIFFERENCE": lambda x, y: np.square(x - y),
    "SUB": np.subtract,
}
_MOVING = RESHAPING | frozenset(
    """
    CONCATENATION GATHER MEAN MIRROR_PAD REDUCE_MAX REDUCE_MIN SLICE SPLIT SPLIT_V TRANSPOSE
    """.split()
)
_erf = np.vectorize(math.erf, otypes=[np.float64])


def known_channels(builder: GraphBuilder) -> KnownChannels:
    """Return what is known of every value's channels.

    Zero times anything counts as zero, so that what the model computes has to be finite.
    """
    known: KnownChannels = {}
    for node in builder.nodes:
        for value in node.outputs:
            found = _compute(node, value, known)
            if found is None:
                found = np.full(channels_of(value), np.nan)
            # Kernels compute in float32: a number beyond it is not what they give.
            finite = np.abs(found) <= np.finfo(np.float32).max
            known[value] = np.where(finite, found, np.nan)
    return known


def absorbable(layer: Layer, known: Floats) -> npt.NDArray[np.bool_]:
    """Return which input channels a layer can do without by adding to its bias.

    A known zero can always go. Another number cannot where positions at a border see fewer
    taps: there it would be added once too often.

    Args:
        layer: Not depthwise.
        known: Of its input's channels.
    """
    zero = known == 0
    return zero if layer.has_borders else ~np.isnan(known)


def _compute(node: Node, output: Value, known: KnownChannels) -> Floats | None:
    layer = layer_of(node)
    if layer is not None:
        return _activated(node, _layer(layer, _of(layer.input, known)))
    ties = ties_of(node)
    if ties is None:
        return None
    if node.kind in SAME_CHANNELS:
        return _unary(node, known)
    operands = [_of(value, known) for value in node.reads()]
    if node.kind in _BINARY:
        with np.errstate(over="ignore", invalid="ignore"):
            result = _BINARY[node.kind](operands[0], operands[1])
        return _activated(node, np.broadcast_to(result, (channels_of(output),)))
    if node.kind in ("PAD", "PADV2"):
        return _padded(node, operands)
    return _activated(node, _moved(ties, output, known)) if node.kind in _MOVING else None


def _of(value: Value | None, known: KnownChannels) -> Floats:
    assert value is not None
    if value in known:
        return known[value]
    if value.data is None or value.data.dtype != np.float32 or not value.data.size:
        return np.full(channels_of(value), np.nan)
    rows = value.data.reshape(-1, channels_of(value)).astype(np.float64)
    return np.where((rows == rows[0]).all(axis=0), rows[0], np.nan)


def _layer(layer: Layer, known: Floats) -> Floats:
    taps = layer.taps
    if layer.is_depthwise:
        given = known[np.arange(len(taps)) // layer.multiplier]
        fixed = (given == 0) | (~np.isnan(given) & (not layer.has_borders))
        fixed |= ~taps.any(axis=(1, 2))
        product = np.nan_to_num(given) * taps.sum(axis=(1, 2), dtype=np.float64)
        return np.where(fixed, layer.bias_values + product, np.nan)
    reads = taps.any(axis=1)
    open_channels = ~absorbable(layer, known)
    blocked = (reads & open_channels).any(axis=1)
    product = taps.sum(axis=1, dtype=np.float64) @ np.where(open_channels, 0.0, known)
    return np.where(blocked, np.nan, layer.bias_values + product)


def _activated(node: Node, known: Floats | None) -> Floats | None:
    function = _FUSED.get(int(node.options.get("fused_activation_function", 0)))
    if known is None or function is None:
        return None
    result: Floats = function(known)
    return result


def _unary(node: Node, known: KnownChannels) -> Floats | None:
    given = _of(node.inputs[0], known)
    with np.errstate(over="ignore"):
        if node.kind == "LEAKY_RELU":
            return np.where(given < 0, given * float(node.options["alpha"]), given)
        if node.kind == "GELU":
            return _gelu(given, approximate=bool(node.options.get("approximate", False)))
        function = _FUNCTIONS.get(node.kind)
        return _activated(node, function(given)) if function else None


def _gelu(x: Floats, *, approximate: bool) -> Floats:
    """Source: TensorFlow's documentation of ``tf.nn.gelu``."""
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    factor = np.tanh(inner) if approximate else _erf(x / math.sqrt(2))
    result: Floats = 0.5 * x * (1 + factor)
    return result


def _padded(node: Node, operands: list[Floats]) -> Floats | None:
    fill = operands[2].item() if node.kind == "PADV2" else 0.0
    padded, amounts = padded_channels(node), node.inputs[1]
    assert padded is not None
    assert amounts is not None
    assert amounts.data is not None
    inner = operands[0]
    if amounts.data.reshape(-1, 2)[:-1].any():
        inner = np.where(inner == fill, inner, np.nan)
    return np.pad(inner, padded, constant_values=fill)


def _moved(ties: list[Tie], output: Value, known: KnownChannels) -> Floats:
    """Return what a channel's elements have in common, wherever they come from."""
    least, most = np.full(channels_of(output), np.inf), np.full(channels_of(output), -np.inf)
    for tie in ties:
        sides = ((tie.one, tie.ones), (tie.other, tie.others))
        (here, places), (there, origins) = sides if tie.one is output else sides[::-1]
        if here is output:
            values = _of(there, known)[origins]
            with np.errstate(invalid="ignore"):  # NaN is what is not known
                np.minimum.at(least, places, values)
                np.maximum.at(most, places, values)
    return np.where(least == most, least, np.nan)
