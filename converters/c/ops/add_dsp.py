"""ADD in C for DSP instructions."""

import math

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ops.add import sum_scales
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Follow, Kernel, Parameter, Step
from edgekit.converters.graph import DataType

__all__ = ["add_dsp", "plain_sum"]

_HALF = (1 << 30, 0)  # 0.5 in fixed point: of the input with the greater scale


@plans("ADD", isa=Isa.DSP)
def add_dsp(layer: Layer) -> Step | None:
    """int8, of tensors of one shape."""
    step = plain_sum(layer, "dsp")
    if step is None:
        return None
    is_full = (step.parameters["output_low"], step.parameters["output_high"]) == (-128, 127)
    return step if is_full else None


def plain_sum(layer: Layer, isa: str) -> Step | None:
    """Return an int8 sum of two tensors of one shape, None for any other."""
    first, second, output = layer.input(0), layer.input(1), layer.output()
    is_int8 = {item.dtype for item in (first, second, output)} == {DataType.INT8}
    is_plain = first.shape == second.shape and not first.is_constant and not second.is_constant
    if not is_int8 or not is_plain:
        return None
    scales = sum_scales(layer)
    kinds = {name: _addend(scales, name) for name in ("first", "second")}
    if "any" in kinds.values() or not _is_below_zero(scales["output_shift"]):
        return None
    function = f"add_{isa}_{kinds['first']}_{kinds['second']}"
    return Step(
        Kernel(f"add_{isa}.c", function, tuple(kinds.items())),
        {"count": math.prod(output.shape), **scales},
        inputs=(0, 1),
        follows=(Follow(0, 0, 0), Follow(1, 0, 0)),
    )


def _addend(scales: dict[str, Parameter], name: str) -> str:
    shift = scales[f"{name}_shift"]
    if (scales[f"{name}_multiplier"], shift) == _HALF:
        return "halved"
    return "scaled" if _is_below_zero(shift) else "any"


def _is_below_zero(value: Parameter) -> bool:
    return isinstance(value, int) and value < 0
