"""DEPTHWISE_CONV_2D in C for Helium: 3x3 kernels, two rows of four channels at a time."""

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.depthwise_conv_2d import read_depthwise_convolution
from edgekit.converters.c.ops.depthwise_conv_2d_dsp import is_three_by_three, row_pair_distance
from edgekit.converters.c.packing import finish_of, scale_words
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["depthwise_conv_2d_mve"]


@plans("DEPTHWISE_CONV_2D", isa=Isa.MVE)
def depthwise_conv_2d_mve(layer: Layer) -> Step | None:
    """int8 with constant int8 weights: 3x3, without stride, dilation or multiplier."""
    found = read_depthwise_convolution(layer)
    count = found.input_shape[3]
    columns = found.output_shape[2] + 2
    if not is_three_by_three(found) or count % 8 or 8 * 4 * columns > 65535:
        return None
    finish = finish_of(found.channels)
    weights = np.pad(found.weights[0].transpose(2, 1, 0), ((0, 0), (0, 1), (0, 1)))
    return Step(
        Kernel("depthwise_3x3_mve.c", f"depthwise_3x3_mve_{finish}", (("finish", finish),)),
        {
            "weights": Array(weights.reshape(-1)),
            "scales": Array(scale_words(found.channels)),
            **found.shape_parameters(),
            "pad_top": found.window.pad[0],
            "pad_left": found.window.pad[1],
            "columns": columns,
            "input_zero_point": found.input_zero_point,
            "output_zero_point": found.channels.output_zero_point,
            "output_low": found.channels.clamp[0],
            "output_high": found.channels.clamp[1],
        },
        # A vector of the last column reaches a word beyond the window.
        scratch_bytes=4 * (columns * count + 1),
        follows=(Follow(0, 0, row_pair_distance(found)),),
    )
