"""SOFTMAX in C."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.fixed_point import quantize_multiplier, round_away
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
    """int8 and int16, over the last axis."""
    layer.require_types(DataType.INT8, DataType.INT16)
    layer.require(layer.input().dtype is layer.output().dtype, "its types differ")
    if layer.input().dtype is DataType.INT16:
        return _softmax_int16(layer)
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


def _softmax_int16(layer: Layer) -> Step:
    """``SoftmaxInt16`` of TensorFlow Lite (kernels/internal/reference/softmax.h)."""
    factor = quantize_multiplier(
        layer.scale(layer.input()) * layer.option("beta", 1.0) / (10.0 / 65535.0)
    )
    columns = layer.input().shape[-1]
    layer.require(columns < 2**16, f"its rows have {columns} values")
    return Step(
        Kernel("softmax_int16.c", "softmax_int16"),
        {
            "exponential": Array(_table(np.exp, -10.0, 0.0)),
            "reciprocal": Array(_table(lambda x: np.float32(1) / (np.float32(1) + x), 0.0, 1.0)),
            "multiplier": factor.multiplier,
            "shift": factor.shift,
            "rows": math.prod(layer.input().shape[:-1]),
            "columns": columns,
        },
        follows=(Follow(0, 0, 0),),
    )


def _table(
    function: Callable[[np.float32], np.float32], low: float, high: float
) -> npt.NDArray[np.int16]:
    """Return 513 values of a function with results in -1 ... 1, for lines between them.

    ``gen_lut`` of TensorFlow Lite (kernels/internal/common.h), in single precision as there: each
    value gives way by half of the error in the middle of its line.
    """
    one = np.float32
    step = one(one(high - low) / one(512))
    half, unit = one(step / one(2)), one(32768)
    values = []
    for place in range(512):
        start = one(one(low) + one(place) * step)
        after = one(one(low) + one(place + 1) * step)
        value = round_away(float(one(function(start) * unit)))
        middle = round_away(float(one(function(one(start + half)) * unit)))
        line = one(one(function(after) * unit) + one(value))
        error = round_away(float(one(line / one(2)))) - middle
        values.append(value - round_away(error / 2))
    values.append(round_away(float(one(function(one(high)) * unit))))
    return np.clip(values, -32768, 32767).astype(np.int16)
