"""Tensors with spatial axes as TFLite's kernels want them: four axes, channels last, padded."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.layout import CHANNELS_LAST_AXES
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.windows import SAME, VALID, Window, same_pads

__all__ = [
    "emit_pool",
    "gather",
    "open_spatial",
    "pad_spatial",
    "pad_window",
    "plain_padding",
    "set_spatial",
    "slice_spatial",
    "spatial_shape",
]


def open_spatial(context: Lowering, name: str) -> Value:
    """Return a source tensor ``[N, C, *spatial]`` as NHWC, with H = 1 for one spatial axis."""
    value = context.get(name, CHANNELS_LAST_AXES[context.rank(name)])
    if len(value.shape) == 4:
        return value
    batch, width, channels = value.shape
    return context.reshape(value, (batch, 1, width, channels))


def set_spatial(context: Lowering, name: str, value: Value) -> None:
    """Say that an NHWC value is a source tensor ``[N, C, *spatial]``."""
    rank = context.rank(name)
    axes = CHANNELS_LAST_AXES[rank]
    context.set(name, context.reshape(value, [context.shape(name)[axis] for axis in axes]), axes)


def pad_window(
    context: Lowering, value: Value, window: Window, outputs: tuple[int, ...]
) -> tuple[Value, int]:
    """Return what a window slides over and TFLite's padding for it.

    A PAD with zeros is emitted where neither SAME nor VALID says the same as the source.

    Args:
        context: The lowering.
        value: NHWC.
        window: Over two axes.
        outputs: Positions that the window takes on each axis.
    """
    padding = plain_padding(window, value.shape[1:3], outputs)
    if padding is not None:
        return value, padding
    return pad_spatial(context, value, window.fitted(value.shape[1:3], outputs).pads), VALID


def plain_padding(window: Window, sizes: tuple[int, ...], outputs: tuple[int, ...]) -> int | None:
    """Return TFLite's padding that means the same as the source's, None where none does."""
    pads = window.fitted(sizes, outputs).pads
    if not any(map(any, pads)):
        return VALID
    axes = list(zip(sizes, window.extents, window.strides, strict=True))
    whole = all(out == -(-size // step) for out, (size, _, step) in zip(outputs, axes, strict=True))
    return SAME if whole and pads == tuple(same_pads(*axis) for axis in axes) else None


def pad_spatial(context: Lowering, value: Value, pads: Sequence[tuple[int, int]]) -> Value:
    """Return an NHWC value with zeros around its two spatial axes."""
    amounts = np.array([(0, 0), *pads, (0, 0)], np.int32)
    shape = [size + sum(pair) for size, pair in zip(value.shape, amounts.tolist(), strict=True)]
    return context.emit("PAD", [value, context.builder.constant(amounts, "paddings")], shape)


def emit_pool(
    context: Lowering,
    kind: str,
    value: Value,
    window: Window,
    outputs: tuple[int, ...],
    padding: int,
) -> Value:
    """Emit a pooling operator.

    Args:
        context: The lowering.
        kind: AVERAGE_POOL_2D or MAX_POOL_2D.
        value: NHWC.
        window: Its kernel and strides are taken.
        outputs: Positions that the window takes on each axis.
        padding: TFLite's.
    """
    return context.emit(
        kind,
        [value],
        (value.shape[0], *outputs, value.shape[3]),
        padding=padding,
        filter_height=window.kernel[0],
        filter_width=window.kernel[1],
        stride_h=window.strides[0],
        stride_w=window.strides[1],
    )


def slice_spatial(
    context: Lowering, value: Value, starts: Sequence[int], sizes: Sequence[int]
) -> Value:
    """Return a part of an NHWC value along its two spatial axes."""
    shape = (value.shape[0], *sizes, value.shape[3])
    if shape == value.shape:
        return value
    begin = context.builder.integers((0, *starts, 0), "begin")
    return context.emit("SLICE", [value, begin, context.builder.integers(shape, "size")], shape)


def gather(context: Lowering, value: Value, position: int, indices: npt.NDArray[np.int64]) -> Value:
    """Return a value with these positions of one axis, itself where they are all of them."""
    if np.array_equal(indices, np.arange(value.shape[position])):
        return value
    chosen = context.builder.integers(indices.tolist(), "indices")
    shape = (*value.shape[:position], len(indices), *value.shape[position + 1 :])
    return context.emit("GATHER", [value, chosen], shape, axis=position, batch_dims=0)


def spatial_shape(context: Lowering, name: str) -> tuple[int, ...]:
    """Return a source tensor's shape as NHWC, with H = 1 where there is one spatial axis."""
    source = context.shape(name)
    last = tuple(source[axis] for axis in CHANNELS_LAST_AXES[len(source)])
    return last if len(last) == 4 else (last[0], 1, *last[1:])
