"""DEPTHWISE_CONV_2D in C for Helium: 3x3 kernels, two rows of four channels at a time."""

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.depthwise_conv_2d import read_depthwise_convolution
from edgekit.converters.c.ops.depthwise_conv_2d_dsp import (
    is_three_by_three,
    reached_columns,
    row_pair_distance,
    three_by_three_kernel,
    three_by_three_parameters,
)
from edgekit.converters.c.packing import is_int8, scale_words
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Step

__all__ = ["depthwise_conv_2d_mve"]


@plans("DEPTHWISE_CONV_2D", isa=Isa.MVE)
def depthwise_conv_2d_mve(layer: Layer) -> Step | None:
    """int8 with constant int8 weights: 3x3, without dilation or multiplier."""
    if not is_int8(layer):
        return None
    found = read_depthwise_convolution(layer)
    count = found.input_shape[3]
    columns = reached_columns(found)
    if not is_three_by_three(found) or count % 8 or 8 * 4 * columns > 65535:
        return None
    weights = np.pad(found.weights[0].transpose(2, 1, 0), ((0, 0), (0, 1), (0, 1)))
    return Step(
        three_by_three_kernel(found, "mve"),
        {
            "weights": Array(weights.reshape(-1)),
            "scales": Array(scale_words(found.channels)),
            **three_by_three_parameters(found),
        },
        # A vector of the last column reaches a word beyond the window.
        scratch_bytes=4 * (columns * count + 1),
        follows=(Follow(0, 0, row_pair_distance(found)),),
    )
