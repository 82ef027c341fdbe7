"""SQUARED_DIFFERENCE in C."""

import numpy as np

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.fixed_point import integer_range, quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step
from edgekit.converters.graph import DataType

__all__ = ["squared_difference"]

_LEFT_SHIFT = 7  # so that 255 squared stays within 32 bits


@plans("SQUARED_DIFFERENCE")
def squared_difference(layer: Layer) -> Step:
    """int8, with broadcasting."""
    layer.require_types(DataType.INT8)
    first, second, output = layer.input(0), layer.input(1), layer.output()
    scales = [layer.scale(item) for item in (first, second)]
    twice = 2 * max(scales)
    one, two = (quantize_multiplier(scale / twice) for scale in scales)
    # TensorFlow Lite Micro multiplies in single precision (kernels/squared_difference.cc).
    divisor = float(np.float32(2 ** (2 * _LEFT_SHIFT)) * np.float32(layer.scale(output)))
    result = quantize_multiplier(twice * twice / divisor)
    low, high = integer_range(output.dtype)
    return elementwise_step(
        layer,
        "squared_difference",
        {
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
    )
