"""ADD in C for DSP instructions."""

from dataclasses import replace

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.add import add
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Parameter, Step

__all__ = ["add_dsp", "addend_of"]

_HALF = (1 << 30, 0)  # 0.5 in fixed point: of the input with the greater scale


@plans("ADD", isa=Isa.DSP)
def add_dsp(layer: Layer) -> Step | None:
    """int8, of tensors of one shape."""
    step = add(layer)
    first, second = (addend_of(step, name) for name in ("first", "second"))
    is_full = (step.parameters["output_low"], step.parameters["output_high"]) == (-128, 127)
    if step.kernel.function != "add" or first is None or second is None or not is_full:
        return None
    values = (("first", first), ("second", second))
    return replace(step, kernel=Kernel("add_dsp.c", f"add_dsp_{first}_{second}", values))


def addend_of(step: Step, name: str) -> str | None:
    """Return how an input of a sum is scaled, None where fast kernels do not serve."""
    shift = step.parameters[f"{name}_shift"]
    if not _is_below(step.parameters["output_shift"], 0):
        return None
    if (step.parameters[f"{name}_multiplier"], shift) == _HALF:
        return "halved"
    return "scaled" if _is_below(shift, 0) else None


def _is_below(value: Parameter, limit: int) -> bool:
    return isinstance(value, int) and value < limit
