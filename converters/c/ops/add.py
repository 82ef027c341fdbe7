"""ADD in C."""

import math

import numpy as np

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Follow, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["add"]

_LEFT_SHIFT = 20


@plans("ADD")
def add(layer: Layer) -> Step:
    """int8, of tensors of one shape."""
    layer.require_types(DataType.INT8)
    first, second, output = layer.input(0), layer.input(1), layer.output()
    layer.require(first.shape == second.shape, "its inputs have different shapes")
    low, high = layer.clamp()
    scales = [np.float32(layer.scale(item)) for item in (first, second)]
    twice = 2 * float(max(scales))
    one = quantize_multiplier(float(scales[0]) / twice)
    two = quantize_multiplier(float(scales[1]) / twice)
    result = quantize_multiplier(twice / (2**_LEFT_SHIFT * layer.scale(output)))
    return Step(
        Kernel("add.c", "add"),
        {
            "count": math.prod(output.shape),
            "left_shift": _LEFT_SHIFT,
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
        },
        inputs=(0, 1),
        follows=(Follow(0, 0, 0), Follow(1, 0, 0)),
    )
