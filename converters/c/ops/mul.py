"""MUL in C."""

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step
from edgekit.converters.graph import DataType

__all__ = ["mul"]


@plans("MUL")
def mul(layer: Layer) -> Step:
    """int8 and int16, with broadcasting."""
    layer.require_types(DataType.INT8, DataType.INT16)
    first, second, output = layer.input(0), layer.input(1), layer.output()
    layer.require(first.dtype == second.dtype == output.dtype, "its types differ")
    factor = quantize_multiplier(layer.scale(first) * layer.scale(second) / layer.scale(output))
    low, high = layer.clamp()
    return elementwise_step(
        layer,
        "multiply",
        {
            "first_zero_point": layer.zero_point(first),
            "second_zero_point": layer.zero_point(second),
            "output_zero_point": layer.zero_point(output),
            "multiplier": factor.multiplier,
            "shift": factor.shift,
            "output_low": low,
            "output_high": high,
        },
    )
