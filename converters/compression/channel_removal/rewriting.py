"""Write a graph anew without the channels that do not stay."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.channel_removal.constants import KnownChannels
from edgekit.converters.compression.channel_removal.keeping import Kept
from edgekit.converters.compression.channel_removal.layers import (
    Floats,
    Layer,
    channels_of,
    layer_of,
)
from edgekit.converters.compression.channel_removal.ties import (
    RESHAPING,
    padded_channels,
    ties_of,
)
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.interface import rearranged
from edgekit.converters.removed_channels import ChannelCounts

__all__ = ["drop_channels"]

Flags = npt.NDArray[np.bool_]


def drop_channels(
    builder: GraphBuilder, kept: Kept, known: KnownChannels
) -> dict[str, ChannelCounts]:
    """Remove every channel that does not stay; known ones go into the bias of who reads them.

    Ensures that what stays has the values that it had. A tensor with fewer channels stands
    for none of the source any more.

    Args:
        builder: The graph, changed in place.
        kept: Which channels stay.
        known: What is known of channels.

    Returns:
        The source's weights that changed -> their counts.
    """
    counts: dict[str, ChannelCounts] = {}
    changed: set[Value] = set()
    for node in builder.nodes:
        _slice_constants(builder, node, kept)
        layer = layer_of(node)
        if layer is not None:
            _rewrite_layer(builder, layer, kept, known, counts)
        elif ties_of(node) is not None:
            rewrite = _REWRITES.get(node.kind)
            if rewrite is not None:
                rewrite(builder, node, kept)
    for value, flags in kept.items():
        if not flags.all():
            value.shape = (*value.shape[:-1], int(flags.sum()))
            value.link = None
            changed.add(value)
    for node in builder.nodes:
        if node.outputs[0] in changed:
            _rewrite_shape(builder, node)
    return counts


def _rewrite_layer(
    builder: GraphBuilder,
    layer: Layer,
    kept: Kept,
    known: KnownChannels,
    counts: dict[str, ChannelCounts],
) -> None:
    ins, outs = kept[layer.input], kept[layer.output]
    if ins.all() and outs.all():
        return
    weights, data = layer.weights, layer.weights.data
    assert data is not None
    bias = layer.bias_values
    if not layer.is_depthwise:
        given = known.get(layer.input, np.full(channels_of(layer.input), np.nan))
        bias = bias + _absorbed(layer, ins, given)
        shape = (*data.shape[:-1], data.shape[-1] // len(ins), len(ins))
        data = data.reshape(shape)[..., ins].reshape(*data.shape[:-1], -1)
    smaller = np.compress(outs, data, layer.output_axis)
    link = rearranged(weights.link)
    layer.node.inputs[1] = builder.constant(smaller, weights.name, link)
    if layer.bias is not None or bias.any():
        name = layer.bias.name if layer.bias else f"{weights.name}/bias"
        link = rearranged(layer.bias.link) if layer.bias else None
        missing = layer.bias_position + 1 - len(layer.node.inputs)
        layer.node.inputs.extend([None] * missing)
        values = bias[outs].astype(np.float32)
        layer.node.inputs[layer.bias_position] = builder.constant(values, name, link)
    if weights.link is not None:
        counts[weights.link.name] = ChannelCounts(
            outputs=(len(outs), int(outs.sum())), inputs=(len(ins), int(ins.sum()))
        )


def _absorbed(layer: Layer, stays: Flags, known: Floats) -> Floats:
    """Return what the removed input channels add to each output channel."""
    sums = layer.taps.sum(axis=1, dtype=np.float64)
    result: Floats = sums @ np.where(stays, 0.0, np.nan_to_num(known))
    return result


def _slice_constants(builder: GraphBuilder, node: Node, kept: Kept) -> None:
    places = dict(enumerate(node.inputs))
    for tie in ties_of(node) or ():
        value = tie.other
        if not value.is_constant:
            continue
        # A join may take one constant several times, and each of them loses other channels.
        place = next(key for key, item in places.items() if item is value)
        del places[place]
        if kept[tie.one][tie.ones].all():
            continue
        stays = np.zeros(channels_of(value), np.bool_)
        stays[tie.others] = kept[tie.one][tie.ones]
        assert value.data is not None
        smaller = builder.constant(value.data[..., stays], value.name, rearranged(value.link))
        node.inputs[place] = smaller


def _rewrite_pad(builder: GraphBuilder, node: Node, kept: Kept) -> None:
    padded, amounts, flags = padded_channels(node), node.inputs[1], kept[node.outputs[0]]
    if flags.all() or padded is None or padded == (0, 0):
        return
    assert amounts is not None
    assert amounts.data is not None
    pads = amounts.data.copy()
    before, after = padded
    pads[-1] = flags[:before].sum(), flags[len(flags) - after :].sum()
    node.inputs[1] = builder.constant(pads, amounts.name)


def _rewrite_slice(builder: GraphBuilder, node: Node, kept: Kept) -> None:
    value, begin = node.inputs[:2]
    assert value is not None
    assert begin is not None
    assert begin.data is not None
    starts = begin.data.reshape(-1).copy()
    starts[-1] = kept[value][: starts[-1]].sum()
    node.inputs[1] = builder.constant(starts, begin.name)


def _rewrite_split(builder: GraphBuilder, node: Node, kept: Kept) -> None:
    """Let a split state its parts, which may have become unequal."""
    value, axis = (node.inputs[place] for place in ((1, 0) if node.kind == "SPLIT" else (0, 2)))
    assert value is not None
    assert axis is not None
    assert axis.data is not None
    position = int(axis.data.reshape(-1)[0])
    if position % len(value.shape) == len(value.shape) - 1 and not kept[value].all():
        lengths = [int(kept[output].sum()) for output in node.outputs]
        node.kind = "SPLIT_V"
        node.inputs = [value, builder.integers(lengths, "lengths"), axis]


_REWRITES = {
    "PAD": _rewrite_pad,
    "PADV2": _rewrite_pad,
    "SLICE": _rewrite_slice,
    "SPLIT": _rewrite_split,
    "SPLIT_V": _rewrite_split,
}
# Operator -> position of the input that states the shape of its output.
_STATED_SHAPES = {"RESHAPE": 1, "SLICE": 2, "TRANSPOSE_CONV": 0}


def _rewrite_shape(builder: GraphBuilder, node: Node) -> None:
    """Let operators that state the shape of their output state the new one."""
    shape = node.outputs[0].shape
    position = _STATED_SHAPES.get(node.kind, len(node.inputs))
    stated = node.inputs[position] if position < len(node.inputs) else None
    if stated is not None:
        new = np.array(shape, np.int64 if stated.dtype is DataType.INT64 else np.int32)
        node.inputs[position] = builder.constant(new, stated.name)
    if node.kind in RESHAPING and "new_shape" in node.options:
        node.options["new_shape"] = shape
