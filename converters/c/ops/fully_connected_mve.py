"""FULLY_CONNECTED in C for Helium: four outputs at a time."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.fully_connected import read_fully_connected
from edgekit.converters.c.packing import finish_of, is_int8, pack_fours, scale_words
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step

__all__ = ["fully_connected_mve"]


@plans("FULLY_CONNECTED", isa=Isa.MVE)
def fully_connected_mve(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, per tensor or per channel."""
    if not is_int8(layer):
        return None
    found = read_fully_connected(layer)
    outputs, inputs = found.weights.shape
    finish = finish_of(found.channels)
    return Step(
        Kernel("fully_connected_mve.c", f"fully_connected_mve_{finish}", (("finish", finish),)),
        {
            "weights": Array(pack_fours(found.weights)),
            "scales": Array(scale_words(found.channels)),
            "rows": found.rows,
            "inputs": inputs,
            "outputs": outputs,
            "output_zero_point": found.channels.output_zero_point,
            "output_low": found.channels.clamp[0],
            "output_high": found.channels.clamp[1],
        },
    )
