"""ADD in C for Helium: four values at a time."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.add_dsp import plain_sum
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step

__all__ = ["add_mve"]


@plans("ADD", isa=Isa.MVE)
def add_mve(layer: Layer) -> Step | None:
    """int8, of tensors of one shape."""
    return plain_sum(layer, "mve")
