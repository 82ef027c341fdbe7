"""How kernels for an instruction set want weights and scales."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.conv_2d import Convolution
from edgekit.converters.c.step import Parameter
from edgekit.converters.c.weighted import Channels
from edgekit.converters.graph import DataType

__all__ = [
    "Integers",
    "block_distance",
    "channel_words",
    "finish_of",
    "interleave_fours",
    "is_int8",
    "pack_fours",
    "padded",
    "pair_quads",
    "row_distance",
    "run_parameters",
    "scale_words",
    "sums_fit",
]

Integers = npt.NDArray[np.int64]


def is_int8(layer: Layer) -> bool:
    """Whether input, weights and output of a layer are int8."""
    tensors = (layer.input(), layer.input(1), layer.output())
    return all(tensor.dtype is DataType.INT8 for tensor in tensors)


def finish_of(channels: Channels) -> str:
    """Return which of the ways to requantize serves all channels.

    ``relu`` and ``linear`` shift to the right alone and saturate to int8; ``relu`` leaves open how
    halves below the zero point are rounded, since all of them are clamped. ``any`` is general.
    """
    if channels.shift.max() >= 0 or channels.clamp != (-128, 127):
        return "any"
    return "relu" if channels.output_zero_point == channels.clamp[0] else "linear"


def sums_fit(weights: npt.NDArray[Any], channels: Channels) -> bool:
    """Whether sums of int8 products stay below 2^23, biases included.

    Args:
        weights: ``[output channel, value of the kernel]``.
        channels: Their biases.
    """
    greatest = 128 * np.abs(weights.astype(np.int64)).sum(axis=1)
    return bool((greatest + np.abs(channels.bias.astype(np.int64))).max() < 2**23)


def padded(values: npt.NDArray[Any], *multiples: int) -> Integers:
    """Return values as int64, with zeros behind each axis up to a multiple."""
    sizes = zip(values.shape, multiples, strict=True)
    return np.pad(values.astype(np.int64), [(0, -size % multiple) for size, multiple in sizes])


def pair_quads(weights: npt.NDArray[Any]) -> npt.NDArray[np.uint32] | None:
    """Return weights for kernels that multiply two channels at a time, None where they do not fit.

    A half-word is ``256 * (second channel) + first channel``: as a product with one input, it
    counts for both of them, and as a signed byte, its lower half counts for the first alone.

    Args:
        weights: int8 ``[output channel, value of the kernel]``.

    Returns:
        ``[pair of channels, four values, 2]``: of values 0 and 2 in the lower and upper half, then
        of values 1 and 3.
    """
    rows = padded(weights, 2, 4)
    halves = 256 * rows[1::2] + rows[0::2]
    if halves.min() < -32768 or halves.max() > 32767:
        return None
    quads = (halves & 0xFFFF).reshape(len(halves), -1, 4)
    words = np.stack([quads[..., 0] | quads[..., 2] << 16, quads[..., 1] | quads[..., 3] << 16])
    return np.moveaxis(words, 0, -1).astype(np.uint32)


def pack_fours(weights: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """Return weights for kernels that multiply sixteen values by four channels at a time.

    Args:
        weights: int8 ``[output channel, value of the kernel]``.

    Returns:
        ``[4 channels, 16 values, channel, value]``, flat, with zeros up to whole blocks.
    """
    rows = padded(weights, 4, 16)
    blocks = rows.reshape(len(rows) // 4, 4, -1, 16).transpose(0, 2, 1, 3)
    return blocks.astype(np.int8).reshape(-1)


def interleave_fours(weights: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """Return weights for kernels that multiply one value by four channels at a time.

    Args:
        weights: int8 ``[output channel, value of the kernel]``.

    Returns:
        ``[4 channels, value, channel]``, flat, with zeros for missing channels.
    """
    rows = padded(weights, 4, 1)
    return rows.reshape(-1, 4, rows.shape[1]).transpose(0, 2, 1).astype(np.int8).reshape(-1)


def channel_words(channels: Channels, count: int) -> npt.NDArray[np.int32]:
    """Return ``256 * bias + shift to the right`` of each channel, zeros up to ``count``."""
    shift = np.broadcast_to(-channels.shift.astype(np.int64), channels.bias.shape)
    words = 256 * channels.bias.astype(np.int64) + (shift & 0xFF)
    return np.pad(words, (0, count - len(words))).astype(np.int32)


def run_parameters(found: Convolution) -> dict[str, Parameter]:
    """Return the fields of kernels that take a convolution's rows as runs of adjacent pixels."""
    kernel_width = int(found.weights.shape[2])
    is_whole = found.window.dilation[1] == 1
    steps = found.window.dilated_parameters()
    del steps["kernel_width"]
    return {
        **found.shape_parameters(),
        "output_channels": found.output_shape[3],
        **steps,
        "runs": 1 if is_whole else kernel_width,
        "run_pixels": kernel_width if is_whole else 1,
        "input_zero_point": found.input_zero_point,
        "output_zero_point": found.channels.output_zero_point,
        "output_low": found.channels.clamp[0],
        "output_high": found.channels.clamp[1],
    }


def scale_words(channels: Channels) -> npt.NDArray[np.int32]:
    """Return ``[4 channels, 9]``, flat: biases, multipliers, and the shifts in a word's bytes."""
    count = len(channels.bias)
    fours = [
        padded(np.broadcast_to(values, count), 4).reshape(-1, 4)
        for values in (channels.bias, channels.multiplier, channels.shift)
    ]
    shifts = fours[2].astype(np.int8).view("<i4")
    return np.concatenate([fours[0], fours[1], shifts], axis=1).astype(np.int32).reshape(-1)


def block_distance(found: Convolution, block: int) -> int:
    """Return how far an output has to start before the input that it runs after, in bytes.

    Args:
        found: A convolution that is computed pixel by pixel.
        block: So many pixels are read before any of them is written.
    """
    batches, *_ = found.input_shape
    _, output_height, output_width, output_channels = found.output_shape
    pixels = output_height * output_width
    needed = _lowest_needed(found)
    ends = [
        batch * pixels + min(pixel + block, pixels)
        for batch in range(batches)
        for pixel in range(0, pixels, block)
    ]
    return max(0, *(end * output_channels - int(needed[end]) for end in ends[:-1]), 0)


def row_distance(found: Convolution) -> int:
    """Return the same for a depthwise convolution whose channels are computed one after another.

    Within a pixel, the input is still needed from the next channel on.
    """
    needed = _lowest_needed(found)
    starts = np.arange(len(needed)) * found.output_shape[3]
    return max(block_distance(found, 1), int((starts - needed).max()), 0)


def _lowest_needed(found: Convolution) -> Integers:
    """Return the lowest byte of the input that a pixel of the output or a later one reads."""
    batches, input_height, input_width, input_channels = found.input_shape
    _, output_height, output_width, _ = found.output_shape
    top = np.arange(output_height) * found.window.stride[0] - found.window.pad[0]
    left = np.arange(output_width) * found.window.stride[1] - found.window.pad[1]
    first = np.maximum(top, 0)[:, None] * input_width + np.maximum(left, 0)
    starts = np.arange(batches)[:, None] * input_height * input_width + first.reshape(-1)
    lowest: Integers = np.minimum.accumulate(starts.reshape(-1)[::-1])[::-1] * input_channels
    return lowest
