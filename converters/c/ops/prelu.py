"""PRELU in C."""

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.fixed_point import integer_range, quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step
from edgekit.converters.graph import DataType

__all__ = ["prelu"]


@plans("PRELU")
def prelu(layer: Layer) -> Step:
    """int8, with a slope for each value, channel, or all."""
    layer.require_types(DataType.INT8)
    source, slope, output = layer.input(0), layer.input(1), layer.output()
    ratio = layer.scale(source) / layer.scale(output)
    identity = quantize_multiplier(ratio)
    product = layer.scale(source) * layer.scale(slope) / layer.scale(output)
    sloped = quantize_multiplier(product)
    low, high = integer_range(output.dtype)
    return elementwise_step(
        layer,
        "prelu",
        {
            "first_zero_point": layer.zero_point(source),
            "second_zero_point": layer.zero_point(slope),
            "output_zero_point": layer.zero_point(output),
            "multiplier": identity.multiplier,
            "shift": identity.shift,
            "slope_multiplier": sloped.multiplier,
            "slope_shift": sloped.shift,
            "output_low": low,
            "output_high": high,
        },
    )
