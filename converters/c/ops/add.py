"""ADD and SUB in C."""

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Parameter, Step
from edgekit.converters.graph import DataType

__all__ = ["add", "sub", "sum_scales"]


@plans("ADD")
def add(layer: Layer) -> Step:
    """int8 and int16, with broadcasting."""
    return elementwise_step(layer, "add", sum_scales(layer))


@plans("SUB")
def sub(layer: Layer) -> Step:
    """int8 and int16, with broadcasting."""
    return elementwise_step(layer, "subtract", sum_scales(layer))


def sum_scales(layer: Layer) -> dict[str, Parameter]:
    """Return how both inputs come to one scale, and the result to the output's.

    ``CalculateOpDataAdd`` of TensorFlow Lite Micro (kernels/add_common.cc).
    """
    layer.require_types(DataType.INT8, DataType.INT16)
    first, second, output = layer.input(0), layer.input(1), layer.output()
    layer.require(first.dtype == second.dtype == output.dtype, "its types differ")
    left_shift = 15 if output.dtype is DataType.INT16 else 20
    low, high = layer.clamp()
    scales = [layer.scale(item) for item in (first, second)]
    twice = 2 * max(scales)
    one, two = (quantize_multiplier(scale / twice) for scale in scales)
    result = quantize_multiplier(twice / (2**left_shift * layer.scale(output)))
    layer.require(result.shift <= 0, "its output's scale is too small")
    return {
        "left_shift": left_shift,
        "first_zero_point": layer.zero_point(first),
        "first_multiplier": one.multiplier,
        "first_shift": one.shift,
        "second_zero_point": layer.zero_point(second),
        "second_multiplier": two.multiplier,
        "second_shift": two.shift,
        "output_zero_point": layer.zero_point(output),
        "output_multiplier": result.multiplier,
        "output_shift": result.shift,
        "output_low": low,
        "output_high": high,
    }
