"""ADD in C for Helium: four values at a time."""

from dataclasses import replace

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.add import add
from edgekit.converters.c.ops.add_dsp import addend_of
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step

__all__ = ["add_mve"]


@plans("ADD", isa=Isa.MVE)
def add_mve(layer: Layer) -> Step | None:
    """int8, of tensors of one shape."""
    step = add(layer)
    first, second = (addend_of(step, name) for name in ("first", "second"))
    if step.kernel.function != "add" or first is None or second is None:
        return None
    values = (("first", first), ("second", second))
    return replace(step, kernel=Kernel("add_mve.c", f"add_mve_{first}_{second}", values))
