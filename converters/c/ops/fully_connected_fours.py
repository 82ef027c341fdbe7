"""FULLY_CONNECTED in portable C: four outputs at a time."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.fully_connected import read_fully_connected
from edgekit.converters.c.packing import interleave_fours, is_int8
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step

__all__ = ["fully_connected_fours"]


@plans("FULLY_CONNECTED", special=True)
def fully_connected_fours(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, per tensor or per channel."""
    if not is_int8(layer):
        return None
    found = read_fully_connected(layer)
    outputs, inputs = found.weights.shape
    return Step(
        Kernel("fully_connected_fours.c", "fully_connected_fours"),
        {
            "weights": Array(interleave_fours(found.weights)),
            **found.channels.parameters(),
            "scale_step": int(len(found.channels.multiplier) > 1),
            "rows": found.rows,
            "inputs": inputs,
            "outputs": outputs,
        },
    )
