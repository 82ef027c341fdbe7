"""CONV_2D in C for DSP instructions: two pixels by two channels."""

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.conv_2d import read_convolution
from edgekit.converters.c.packing import (
    block_distance,
    channel_words,
    finish_of,
    is_int8,
    pair_quads,
    run_parameters,
    sums_fit,
)
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["conv_2d_dsp"]


@plans("CONV_2D", isa=Isa.DSP)
def conv_2d_dsp(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, without groups."""
    if not is_int8(layer):
        return None
    found = read_convolution(layer)
    outputs = len(found.weights)
    rows = found.weights.reshape(outputs, -1)
    weights = pair_quads(rows)
    if found.groups != 1 or weights is None or not sums_fit(rows, found.channels):
        return None
    even = outputs + outputs % 2
    multiplier = np.pad(found.channels.multiplier, (0, even - outputs))
    channels = np.stack([channel_words(found.channels, even), multiplier], axis=1)
    finish = finish_of(found.channels)
    quads = weights.shape[1]
    return Step(
        Kernel("conv_2d_dsp.c", f"conv_2d_dsp_{finish}", (("finish", finish),)),
        {
            "weights": Array(weights.reshape(-1), alignment=4),
            "channels": Array(channels.reshape(-1)),
            **run_parameters(found),
            "quads": quads,
        },
        scratch_bytes=16 * quads + (4 * quads if found.input_shape[3] % 4 else 0),
        follows=(Follow(0, 0, block_distance(found, 2)),),
    )
