"""LOGISTIC and TANH of int16 in C, by the table that TensorFlow Lite Micro interpolates."""

import math

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.fixed_point import round_away
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.step import Array, Follow, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["logistic_int16", "sigmoid_table", "tanh_int16"]

_POWER_OF_TWO = 3  # multiplier of inputs whose scale is a power of two


def logistic_int16(layer: Layer) -> Step:
    """Return the step of a LOGISTIC of int16.

    ``reference_integer_ops::Logistic`` of TensorFlow Lite (kernels/internal/reference/
    integer_ops/logistic.h).
    """
    return _sigmoid(layer, "logistic", exact_shifts=(0,))


def tanh_int16(layer: Layer) -> Step:
    """Return the step of a TANH of int16.

    ``reference_integer_ops::Tanh`` of TensorFlow Lite (kernels/internal/reference/integer_ops/
    tanh.h): ``tanh(x) = 2 logistic(2x) - 1``.
    """
    return _sigmoid(layer, "tanh", exact_shifts=(0, 1))


def _sigmoid(layer: Layer, value: str, *, exact_shifts: tuple[int, ...]) -> Step:
    source, output = layer.input(), layer.output()
    layer.require(output.dtype is DataType.INT16, "its types differ")
    layer.require(layer.zero_point(source) == 0, "its input's zero point is not 0")
    grid = (layer.scale(output), layer.zero_point(output))
    layer.require(grid == (2.0**-15, 0), "its output's scale is not 1/32768 around 0")
    multiplier, shift = _input_factor(layer.scale(source), exact_shifts)
    return Step(
        Kernel(
            "sigmoid_int16.c",
            f"{value}_int16",
            (("function", f"{value}_int16"), ("value", f"{value}_q15")),
        ),
        {
            "sigmoid": Array(sigmoid_table()),
            "count": math.prod(output.shape),
            "multiplier": multiplier,
            "shift": shift,
        },
        follows=(Follow(0, 0, 0),),
    )


def sigmoid_table() -> npt.NDArray[np.uint16]:
    """Return ``sigmoid_table_uint16`` of TensorFlow Lite (kernels/internal/common.h).

    65536 times the logistic function, less half of the error in the middle of each line; the
    last value is the limit.
    """

    def value(place: float) -> float:
        return 65536 / (1 + math.exp(-place / 24))

    corrected = (
        value(i) - ((value(i) + value(i + 1)) / 2 - value(i + 0.5)) / 2 for i in range(255)
    )
    return np.array([*map(round_away, corrected), 65535], np.uint16)


def _input_factor(scale: float, exact_shifts: tuple[int, ...]) -> tuple[int, int]:
    """Return the factor from the input's scale to 1/(3 * 4096).

    ``LogisticPrepare`` and ``TanhPrepare`` of TensorFlow Lite Micro.
    """
    exponent = math.log2(scale)
    shift = 12 + round(exponent)
    if abs(exponent - round(exponent)) < 1e-3 and shift in exact_shifts:
        return _POWER_OF_TWO << shift, 0
    factor, shift = scale * 4096.0 * 3.0, 0
    while factor <= 32767.0 / 2.0 and shift <= 30:
        shift += 1
        factor *= 2.0
    return int(factor), shift
