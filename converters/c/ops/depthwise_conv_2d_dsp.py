"""DEPTHWISE_CONV_2D in C for DSP instructions: 3x3 kernels, two rows of the output at a time."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.conv_2d import Convolution
from edgekit.converters.c.ops.depthwise_conv_2d import read_depthwise_convolution
from edgekit.converters.c.packing import channel_words, finish_of, sums_fit
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["depthwise_conv_2d_dsp", "is_three_by_three", "row_pair_distance", "row_words"]


@plans("DEPTHWISE_CONV_2D", isa=Isa.DSP)
def depthwise_conv_2d_dsp(layer: Layer) -> Step | None:
    """int8 with constant int8 weights: 3x3, without stride, dilation or multiplier."""
    found = read_depthwise_convolution(layer)
    count = found.input_shape[3]
    rows = found.weights.reshape(-1, found.weights.shape[3]).T
    if not is_three_by_three(found) or count % 4 or not sums_fit(rows, found.channels):
        return None
    channels = np.stack([channel_words(found.channels, count), found.channels.multiplier], axis=1)
    finish = finish_of(found.channels)
    columns = found.output_shape[2] + 2
    return Step(
        Kernel("depthwise_3x3_dsp.c", f"depthwise_3x3_dsp_{finish}", (("finish", finish),)),
        {
            "weights": Array(row_words(found).reshape(-1)),
            "channels": Array(channels.reshape(-1)),
            **found.shape_parameters(),
            "pad_top": found.window.pad[0],
            "pad_left": found.window.pad[1],
            "columns": columns,
            "input_zero_point": found.input_zero_point,
            "output_zero_point": found.channels.output_zero_point,
            "output_low": found.channels.clamp[0],
            "output_high": found.channels.clamp[1],
        },
        scratch_bytes=4 * columns * count,
        follows=(Follow(0, 0, row_pair_distance(found)),),
    )


def is_three_by_three(found: Convolution) -> bool:
    """Whether it has a 3x3 kernel, without stride, dilation or depth multiplier."""
    window = found.window
    has_steps = window.stride != (1, 1) or window.dilation != (1, 1)
    return window.size == (3, 3) and not has_steps and found.input_shape[3] == found.output_shape[3]


def row_words(found: Convolution) -> npt.NDArray[np.uint32]:
    """Return weights ``[channel, kernel column]`` as words: rows 0, 1, 2 from the lowest byte."""
    bytes_ = np.moveaxis(found.weights[0], 2, 0).view(np.uint8).astype(np.uint32)
    words: npt.NDArray[np.uint32] = bytes_[:, 0] | bytes_[:, 1] << 8 | bytes_[:, 2] << 16
    return words


def row_pair_distance(found: Convolution) -> int:
    """Return how far an output has to start before its input, which is read two rows ahead."""
    _, _, input_width, count = found.input_shape
    _, output_height, output_width, _ = found.output_shape
    starts = range(2, output_height, 2)
    rows = [y * output_width - (y - found.window.pad[0] + 2) * input_width for y in starts]
    return max(0, *rows, 0) * count
