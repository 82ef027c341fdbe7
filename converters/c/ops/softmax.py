"""SOFTMAX in C."""

import math

import numpy as np

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.integer_math import doubling_high_product
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step
from edgekit.converters.c.transcendental import exponential
from edgekit.converters.graph import DataType

__all__ = ["softmax"]

_INTEGER_BITS = 5  # of the power, before e is raised to it
_MOST_COLUMNS = 4095  # of ones that a sum with 12 integer bits holds


@plans("SOFTMAX")
def softmax(layer: Layer) -> Step:
    """int8, over the last axis."""
    layer.require_types(DataType.INT8)
    columns = layer.input().shape[-1]
    layer.require(columns <= _MOST_COLUMNS, f"its rows have {columns} values")
    table = _exponentials(layer.option("beta", 1.0), layer.scale(layer.input()))
    return Step(
        Kernel("softmax.c", "softmax"),
        {
            "exponentials": Array(np.array(table, np.int32)),
            "exponentials_count": len(table),
            "rows": math.prod(layer.input().shape[:-1]),
            "columns": columns,
        },
        follows=(Follow(0, 0, 0),),
    )


def _exponentials(beta: float, scale: float) -> list[int]:
    """Return what TensorFlow Lite Micro computes for inputs 0, 1, ... below the greatest.

    ``PreprocessSoftmaxScaling`` and ``CalculateInputRadius`` of TensorFlow Lite
    (kernels/internal/quantization_util.cc).
    """
    factor = min(beta * scale * 2 ** (31 - _INTEGER_BITS), 2.0**31 - 1)
    fixed = quantize_multiplier(factor)
    radius = (2**_INTEGER_BITS - 1) * 2 ** (31 - _INTEGER_BITS) / 2**fixed.shift
    least = min(math.floor(radius), 255)
    powers = (
        doubling_high_product(-(below << fixed.shift), fixed.multiplier)
        for below in range(least + 1)
    )
    return [exponential(power, _INTEGER_BITS) for power in powers]
