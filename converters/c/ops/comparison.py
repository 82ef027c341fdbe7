"""Comparisons of two tensors in C."""

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step
from edgekit.converters.graph import DataType

__all__ = ["comparison"]

_LEFT_SHIFT = 8


@plans("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL")
def comparison(layer: Layer) -> Step:
    """int8, with broadcasting, to bool."""
    first, second, output = layer.input(0), layer.input(1), layer.output()
    for tensor in (first, second):
        layer.require(tensor.dtype is DataType.INT8, f"'{tensor.name}' is {tensor.dtype}")
    layer.require(output.dtype is DataType.BOOL, f"'{output.name}' is {output.dtype}")
    # Each side by its own scale (tensorflow/lite/micro/kernels/comparisons.cc).
    one, two = (quantize_multiplier(layer.scale(tensor)) for tensor in (first, second))
    return elementwise_step(
        layer,
        layer.operator.kind.lower(),
        {
            "left_shift": _LEFT_SHIFT,
            "first_zero_point": layer.zero_point(first),
            "first_multiplier": one.multiplier,
            "first_shift": one.shift,
            "second_zero_point": layer.zero_point(second),
            "second_multiplier": two.multiplier,
            "second_shift": two.shift,
        },
        scales_type="comparison_scales",
    )
