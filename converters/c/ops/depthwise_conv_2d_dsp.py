"""DEPTHWISE_CONV_2D in C for DSP instructions: 3x3 kernels, two rows of the output at a time."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.conv_2d import Convolution
from edgekit.converters.c.ops.depthwise_conv_2d import read_depthwise_convolution
from edgekit.converters.c.packing import channel_words, finish_of, is_int8, sums_fit
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Parameter, Step

__all__ = [
    "depthwise_conv_2d_dsp",
    "is_three_by_three",
    "reached_columns",
    "row_pair_distance",
    "three_by_three_kernel",
    "three_by_three_parameters",
]


@plans("DEPTHWISE_CONV_2D", isa=Isa.DSP)
def depthwise_conv_2d_dsp(layer: Layer) -> Step | None:
    """int8 with constant int8 weights: 3x3, without dilation or multiplier."""
    if not is_int8(layer):
        return None
    found = read_depthwise_convolution(layer)
    count = found.input_shape[3]
    rows = found.weights.reshape(-1, found.weights.shape[3]).T
    if not is_three_by_three(found) or count % 4 or not sums_fit(rows, found.channels):
        return None
    channels = np.stack([channel_words(found.channels, count), found.channels.multiplier], axis=1)
    return Step(
        three_by_three_kernel(found, "dsp"),
        {
            "weights": Array(_row_words(found).reshape(-1)),
            "channels": Array(channels.reshape(-1)),
            **three_by_three_parameters(found),
        },
        scratch_bytes=4 * reached_columns(found) * count + 8 * found.output_shape[2],
        follows=(Follow(0, 0, row_pair_distance(found)),),
    )


def is_three_by_three(found: Convolution) -> bool:
    """Whether it has a 3x3 kernel, strides of 1 or 2, and neither dilation nor multiplier."""
    window = found.window
    return (
        window.size == (3, 3)
        and max(window.stride) <= 2
        and window.dilation == (1, 1)
        and found.input_shape[3] == found.output_shape[3]
    )


def three_by_three_kernel(found: Convolution, isa: str) -> Kernel:
    """Return the kernel for such a convolution."""
    values = (("finish", finish_of(found.channels)), ("stride", str(found.window.stride[1])))
    name = f"depthwise_3x3_{isa}"
    return Kernel(f"{name}.c", f"{name}_{values[0][1]}_{values[1][1]}", values)


def reached_columns(found: Convolution) -> int:
    """Return how many columns of the input and its border such a convolution covers."""
    return (found.output_shape[2] - 1) * found.window.stride[1] + 3


def three_by_three_parameters(found: Convolution) -> dict[str, Parameter]:
    """Return the fields of such a kernel but weights and scales."""
    return {
        **found.shape_parameters(),
        "pad_top": found.window.pad[0],
        "pad_left": found.window.pad[1],
        "columns": reached_columns(found),
        "stride_height": found.window.stride[0],
        "input_zero_point": found.input_zero_point,
        "output_zero_point": found.channels.output_zero_point,
        "output_low": found.channels.clamp[0],
        "output_high": found.channels.clamp[1],
    }


def _row_words(found: Convolution) -> npt.NDArray[np.uint32]:
    """Return weights ``[channel, kernel column]`` as words: rows 0, 1, 2 from the lowest byte."""
    bytes_ = np.moveaxis(found.weights[0], 2, 0).view(np.uint8).astype(np.uint32)
    words: npt.NDArray[np.uint32] = bytes_[:, 0] | bytes_[:, 1] << 8 | bytes_[:, 2] << 16
    return words


def row_pair_distance(found: Convolution) -> int:
    """Return how far an output has to start before its input, which is read two rows ahead."""
    _, _, input_width, count = found.input_shape
    _, output_height, output_width, _ = found.output_shape
    rows = 2 // found.window.stride[0]
    steps = range(1, -(-output_height // rows))
    ahead = [
        step * rows * output_width - (2 * step - found.window.pad[0] + 2) * input_width
        for step in steps
    ]
    return max(0, *ahead, 0) * count
