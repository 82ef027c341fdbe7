"""MaxPool: MAX_POOL_2D, whatever the padding, without values that a maximum would lose to."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.planes import pool_planes
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import emit_pool, gather, pad_spatial, plain_padding
from edgekit.converters.lowering.windows import VALID, Window

_SYMMETRIC = 1  # the schema's MirrorPadMode
_NEVER_NEGATIVE = frozenset("ABS EXP LOGISTIC RELU RELU6 SOFTMAX SQUARE".split())
_KEEPS_SIGNS = frozenset(
    "AVERAGE_POOL_2D CONCATENATION GATHER MAX_POOL_2D MEAN MIRROR_PAD PAD RESHAPE SLICE "
    "SPLIT STRIDED_SLICE TRANSPOSE".split()
)


@lowers("MaxPool")
def max_pool(context: Lowering, node: SourceNode) -> None:
    """Lower a maximum over windows in one, two or three dimensions.

    What stands outside of the input must never win. Padding with the lowest number would do in
    float, but leave no integer steps for the values themselves, so others are repeated instead.
    """
    if len(node.outputs) > 1 and node.outputs[1]:
        raise RefusedError(
            node, "its output Indices has no counterpart", hint="export without return_indices"
        )

    def pool(value: Value, window: Window, outputs: tuple[int, ...]) -> Value:
        return _pool(context, node, value, window, outputs)

    pool_planes(context, node, pool)


def _pool(
    context: Lowering, node: SourceNode, value: Value, window: Window, outputs: tuple[int, ...]
) -> Value:
    sizes = value.shape[1:3]
    window = window.clipped(sizes, outputs)
    padding = VALID
    pads = window.fitted(sizes, outputs).pads
    taps = [window.taps(axis, outputs[axis]) for axis in (0, 1)]
    plain = plain_padding(window, sizes, outputs)
    side_by_side = replace(window, strides=window.kernel)
    if max(window.dilations) > 1:
        value, window = _gather_windows(context, node, value, taps), side_by_side
    elif plain is not None:
        padding = plain
    elif _is_never_negative(context, value):
        value = pad_spatial(context, value, pads)
    elif all(_may_mirror(*item) for item in zip(taps, sizes, pads, strict=True)):
        value = _mirror(context, value, pads)
    else:
        value, window = _gather_windows(context, node, value, taps), side_by_side
    return emit_pool(context, "MAX_POOL_2D", value, window, outputs, padding)


def _is_never_negative(context: Lowering, value: Value) -> bool:
    """Whether zero never wins, because of what made the value."""
    producers = context.builder.producers()
    pending = [value]
    while pending:
        item = pending.pop()
        maker = producers.get(item)
        if item.data is not None and np.all(item.data >= 0):
            continue
        if maker is None or maker.kind not in _NEVER_NEGATIVE | _KEEPS_SIGNS:
            return False
        if maker.kind in _KEEPS_SIGNS:
            pending += [given for given in maker.reads() if given.dtype is value.dtype]
    return True


def _may_mirror(taps: npt.NDArray[np.int64], size: int, pads: tuple[int, int]) -> bool:
    """Whether what a mirror puts outside stands inside of the same window anyway."""
    first, last = np.maximum(taps.min(1), 0), np.minimum(taps.max(1), size - 1)
    mirrored = np.where(taps < 0, -1 - taps, np.where(taps >= size, 2 * size - 1 - taps, taps))
    repeats = (mirrored >= first[:, None]) & (mirrored <= last[:, None])
    return bool(np.all(repeats)) and max(pads) <= size


def _mirror(context: Lowering, value: Value, pads: tuple[tuple[int, int], ...]) -> Value:
    amounts = np.array([(0, 0), *pads, (0, 0)], np.int32)
    shape = [size + sum(pair) for size, pair in zip(value.shape, amounts.tolist(), strict=True)]
    paddings = context.builder.constant(amounts, "paddings")
    return context.emit("MIRROR_PAD", [value, paddings], shape, mode=_SYMMETRIC)


def _gather_windows(
    context: Lowering, node: SourceNode, value: Value, taps: list[npt.NDArray[np.int64]]
) -> Value:
    """Lay the windows side by side; taps outside repeat one that is inside."""
    for axis, positions in enumerate(taps, start=1):
        size = value.shape[axis]
        inside = (positions >= 0) & (positions < size)
        if not np.all(inside.any(1)):
            raise RefusedError(node, "some of its windows lie outside of the input")
        first = np.where(inside, positions, size).min(1, keepdims=True)
        last = np.where(inside, positions, -1).max(1, keepdims=True)
        value = gather(context, value, axis, np.clip(positions, first, last).ravel())
    return value
