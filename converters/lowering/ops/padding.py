"""Pad in every mode; negative amounts cut."""

from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Axes, Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.ops.slicing import emit_slices
from edgekit.converters.lowering.reading import integers_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_LARGEST_RANK = 5
_REFLECT = 0  # the schema's MirrorPadMode
_Amounts = Sequence[tuple[int, int]]


@lowers("Pad")
def pad_attributes(context: Lowering, node: SourceNode) -> None:
    """Lower a pad whose amounts are an attribute."""
    amounts = node.integers("pads", node.integers("paddings", ()))
    _pad(context, node, amounts, range(len(amounts) // 2), node.number("value", 0.0))


@lowers("Pad", since=11)
def pad_inputs(context: Lowering, node: SourceNode) -> None:
    """Lower a pad whose amounts, filler and axes are inputs."""
    fill = context.required_constant(node, 2).item() if node.has(2) else 0
    rank = context.rank(node.inputs[0])
    amounts = integers_of(context, node, 1)
    _pad(context, node, amounts, integers_of(context, node, 3, range(rank)), fill)


def _pad(
    context: Lowering,
    node: SourceNode,
    flat: Sequence[int],
    given: Sequence[int],
    fill: float,
) -> None:
    source = node.inputs[0]
    order = context.axes(source)
    by_axis = [(0, 0)] * len(order)
    for axis, before, after in zip(given, flat[: len(given)], flat[len(given) :], strict=True):
        by_axis[axis] = (before, after)
    amounts = [by_axis[axis] for axis in order]
    value = context.get(source, order)
    cuts = [
        range(max(-before, 0), size - max(-after, 0))
        for (before, after), size in zip(amounts, value.shape, strict=True)
    ]
    value = emit_slices(context, node, value, cuts)
    amounts = [(max(before, 0), max(after, 0)) for before, after in amounts]
    mode = node.text("mode", "constant")
    if not any(map(any, amounts)):
        result = value
    elif mode == "constant":
        result = _constant(context, node, value, amounts, fill)
    elif mode == "reflect":
        result = _reflected(context, value, amounts)
    else:
        result = _repeated(context, value, amounts, wrap=mode == "wrap")
    context.set(node.outputs[0], result, order)


def _constant(
    context: Lowering, node: SourceNode, value: Value, amounts: _Amounts, fill: float
) -> Value:
    if len(amounts) > _LARGEST_RANK:
        raise RefusedError(
            node, f"it pads a tensor of {len(amounts)} axes", hint=f"up to {_LARGEST_RANK} work"
        )
    shape = _padded(value, amounts)
    pads = context.builder.constant(np.array(amounts, np.int32), "paddings")
    if fill == 0:
        return context.emit("PAD", [value, pads], shape)
    filler = context.builder.constant(np.array([fill], value.dtype.numpy), "fill")
    return context.emit("PADV2", [value, pads, filler], shape)


def _reflected(context: Lowering, value: Value, amounts: _Amounts) -> Value:
    pads = context.builder.constant(np.array(amounts, np.int32), "paddings")
    return context.emit("MIRROR_PAD", [value, pads], _padded(value, amounts), mode=_REFLECT)


def _repeated(context: Lowering, value: Value, amounts: _Amounts, *, wrap: bool) -> Value:
    """Repeat the edges, or the whole axis, by gathering its indices."""
    for axis, (before, after) in enumerate(amounts):
        if not before and not after:
            continue
        size = value.shape[axis]
        indices = np.arange(-before, size + after, dtype=np.int32)
        indices = indices % size if wrap else indices.clip(0, size - 1)
        shape = [*value.shape[:axis], len(indices), *value.shape[axis + 1 :]]
        places = context.builder.constant(indices, "indices")
        value = context.emit("GATHER", [value, places], shape, axis=axis)
    return value


def _padded(value: Value, amounts: _Amounts) -> Axes:
    return tuple(size + sum(pair) for size, pair in zip(value.shape, amounts, strict=True))
