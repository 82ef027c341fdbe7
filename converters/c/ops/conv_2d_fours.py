"""CONV_2D in portable C: two pixels by four channels."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.conv_2d import read_convolution
from edgekit.converters.c.packing import (
    block_distance,
    interleave_fours,
    is_int8,
    run_parameters,
)
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["conv_2d_fours"]


@plans("CONV_2D", special=True)
def conv_2d_fours(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, without groups."""
    if not is_int8(layer):
        return None
    found = read_convolution(layer)
    if found.groups != 1:
        return None
    rows = found.weights.reshape(len(found.weights), -1)
    return Step(
        Kernel("conv_2d_fours.c", "conv_2d_fours"),
        {
            "weights": Array(interleave_fours(rows)),
            "bias": Array(found.channels.bias),
            "multiplier": Array(found.channels.multiplier),
            "shift": Array(found.channels.shift),
            **run_parameters(found),
        },
        scratch_bytes=2 * rows.shape[1],
        follows=(Follow(0, 0, block_distance(found, 2)),),
    )
