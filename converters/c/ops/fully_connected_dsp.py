"""FULLY_CONNECTED in C for DSP instructions: four outputs at a time."""

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.fully_connected import read_fully_connected
from edgekit.converters.c.packing import (
    finish_of,
    is_int8,
    padded,
    pair_quads,
)
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step

__all__ = ["fully_connected_dsp"]


@plans("FULLY_CONNECTED", isa=Isa.DSP)
def fully_connected_dsp(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, per tensor or per channel."""
    if not is_int8(layer):
        return None
    found = read_fully_connected(layer)
    outputs, inputs = found.weights.shape
    four = -(-outputs // 4) * 4
    pairs = pair_quads(padded(found.weights, 4, 4))
    if pairs is None:
        return None
    finish = finish_of(found.channels)
    words = pairs.reshape(four // 4, 2, -1, 2)
    channels = found.channels
    scales = len(channels.multiplier)
    missing = (0, four - scales if scales > 1 else 0)
    return Step(
        Kernel("fully_connected_dsp.c", f"fully_connected_dsp_{finish}", (("finish", finish),)),
        {
            "weights": Array(words.transpose(0, 2, 3, 1).reshape(-1)),
            "bias": Array(np.pad(channels.bias, (0, four - outputs))),
            "multiplier": Array(np.pad(channels.multiplier, missing)),
            "shift": Array(np.pad(-channels.shift, missing)),
            "scale_step": int(scales > 1),
            "rows": found.rows,
            "inputs": inputs,
            "outputs": outputs,
            "output_zero_point": found.channels.output_zero_point,
            "output_low": found.channels.clamp[0],
            "output_high": found.channels.clamp[1],
        },
    )
