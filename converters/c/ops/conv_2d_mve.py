"""CONV_2D in C for Helium: two pixels by four channels."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.conv_2d import read_convolution
from edgekit.converters.c.packing import (
    block_distance,
    finish_of,
    is_int8,
    pack_fours,
    run_parameters,
    scale_words,
)
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["conv_2d_mve"]


@plans("CONV_2D", isa=Isa.MVE)
def conv_2d_mve(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, without groups."""
    if not is_int8(layer):
        return None
    found = read_convolution(layer)
    if found.groups != 1:
        return None
    weights = pack_fours(found.weights.reshape(len(found.weights), -1))
    blocks = -(-found.weights[0].size // 16)
    finish = finish_of(found.channels)
    return Step(
        Kernel("conv_2d_mve.c", f"conv_2d_mve_{finish}", (("finish", finish),)),
        {
            "weights": Array(weights),
            "scales": Array(scale_words(found.channels)),
            **run_parameters(found),
            "blocks": blocks,
        },
        scratch_bytes=32 * blocks,
        follows=(Follow(0, 0, block_distance(found, 2)),),
    )
