"""What operators on one int8 value give, computed as TensorFlow Lite Micro computes it.

Each function settles a layer's constants and returns the function of one value. The sources are
TensorFlow Lite Micro's kernels of the same names (tensorflow/lite/micro/kernels).
"""

import math
from collections.abc import Callable

import numpy as np

from edgekit.converters.c.fixed_point import (
    FixedPoint,
    integer_range,
    quantize_multiplier,
    round_away,
)
from edgekit.converters.c.integer_math import clamp, requantize, shift_right
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.transcendental import inverse_square_root, logistic, tanh
from edgekit.converters.graph import DataType

__all__ = ["TABLES"]

Value = Callable[[int], int]

_LOW, _HIGH = integer_range(DataType.INT8)


def _rescaled(layer: Layer) -> Value:
    """QUANTIZE: the same value at another scale."""
    zero = layer.zero_point(layer.input())
    factor = quantize_multiplier(layer.scale(layer.input()) / layer.scale(layer.output()))
    return _to_output(layer, lambda x: requantize(x - zero, factor))


def _relu(layer: Layer) -> Value:
    value = _rescaled(layer)
    low = max(_LOW, layer.zero_point(layer.output()))
    return lambda x: max(value(x), low)


def _relu6(layer: Layer) -> Value:
    """Clamps at the input's scale, which has to be the output's."""
    source = layer.input()
    layer.require(
        source.quantization == layer.output().quantization,
        "its output has another scale or zero point than its input",
    )
    zero = layer.zero_point(source)
    six = zero + round_away(float(np.float32(6) / np.float32(layer.scale(source))))
    return lambda x: clamp(x, zero, min(six, _HIGH))


def _leaky_relu(layer: Layer) -> Value:
    factor = layer.scale(layer.input()) / layer.scale(layer.output())
    zero = layer.zero_point(layer.input())
    slope = quantize_multiplier(factor * float(np.float32(layer.option("alpha"))))
    identity = quantize_multiplier(factor)
    return _to_output(layer, lambda x: requantize(x - zero, identity if x >= zero else slope))


def _logistic(layer: Layer) -> Value:
    layer.require(layer.zero_point(layer.output()) == _LOW, "its output's zero point is not -128")
    return _q4(layer, lambda x: shift_right(logistic(x, 4), 23) + _LOW)


def _tanh(layer: Layer) -> Value:
    layer.require(layer.zero_point(layer.output()) == 0, "its output's zero point is not 0")
    return _q4(layer, lambda x: shift_right(tanh(x, 4), 24))


def _q4(layer: Layer, function: Value) -> Value:
    """Return a function of the input with 4 integer bits, saturated beyond them."""
    factor = quantize_multiplier(layer.scale(layer.input()) * 2**27)
    radius = math.floor(15 * 2**27 / 2.0**factor.shift)
    zero = layer.zero_point(layer.input())

    def value(x: int) -> int:
        if abs(x - zero) >= radius:
            return _LOW if x <= zero else _HIGH
        return clamp(function(requantize(x - zero, factor)), _LOW, _HIGH)

    return value


def _elu(layer: Layer) -> Value:
    return _single_precision(layer, lambda x: np.exp(x) - np.float32(1) if x < 0 else x)


def _single_precision(layer: Layer, function: Callable[[np.float32], np.float32]) -> Value:
    """Return a function of real values, in single precision between two scales."""
    source, output = layer.input(), layer.output()
    scale, inverse = (
        np.float32(layer.scale(source)),
        np.float32(1) / np.float32(layer.scale(output)),
    )

    def value(x: int) -> int:
        real = function(scale * np.float32(x - layer.zero_point(source)))
        rounded = round_away(float(np.float32(real * inverse)))
        return clamp(rounded + layer.zero_point(output), _LOW, _HIGH)

    return value


def _absolute(layer: Layer) -> Value:
    zero = layer.zero_point(layer.input())
    scale, result = layer.scale(layer.input()), layer.scale(layer.output())
    factor = quantize_multiplier(scale / result)
    if scale == result:
        return _to_output(layer, lambda x: abs(x - zero))
    return _to_output(layer, lambda x: requantize(abs(x - zero), factor))


def _reciprocal_square_root(layer: Layer) -> Value:
    """Below the zero point there is no result; TensorFlow Lite Micro stops there with an error."""
    zero, guard = layer.zero_point(layer.input()), 20
    scale = 1.0 / (math.sqrt(layer.scale(layer.input())) * layer.scale(layer.output()))
    factor = quantize_multiplier(scale)
    back = FixedPoint(factor.multiplier, factor.shift - guard)

    def value(x: int) -> int:
        if x <= zero:
            return _HIGH
        root = inverse_square_root(x - zero)
        data = requantize(1, FixedPoint(root.multiplier, root.shift + guard))
        return clamp(requantize(data, back) + layer.zero_point(layer.output()), _LOW, _HIGH)

    return value


def _to_output(layer: Layer, function: Value) -> Value:
    zero = layer.zero_point(layer.output())
    return lambda x: clamp(function(x) + zero, _LOW, _HIGH)


def _hard_swish(layer: Layer) -> Value:
    """Fixed point of 16 bits (kernels/internal/reference/hard_swish.h)."""
    fine = np.float32(1 / 128) * np.float32(layer.scale(layer.input()))
    result = quantize_multiplier(float(fine / np.float32(layer.scale(layer.output()))))
    relu = quantize_multiplier(float(fine / np.float32(3 / 32768)))
    layer.require(result.shift <= 0, "its output's scale is too small")
    zero = layer.zero_point(layer.input())

    def value(x: int) -> int:
        wide = (x - zero) * 128
        gate = wide if relu.shift <= 0 else _short(wide << (relu.shift - 1))
        gate = _short_product(gate, _halved(relu.multiplier))
        if relu.shift > 0:
            gate = _short(gate * 2)
        elif relu.shift < 0:
            gate = shift_right(gate, -relu.shift)
        gate = (gate + 32768) >> 1
        product = gate * _short_product(wide, _halved(result.multiplier))
        shifted = abs(product) // 32768 * (1 if product >= 0 else -1)
        return shift_right(shifted, -result.shift)

    return _to_output(layer, value)


def _short(value: int) -> int:
    return clamp(value, -32768, 32767)


def _short_product(first: int, second: int) -> int:
    """Return ``first * second / 2**15``, halves up."""
    return _short((first * second + (1 << 14)) >> 15)


def _halved(multiplier: int) -> int:
    """Return a multiplier of 32 bits in 16 (``DownScaleInt32ToInt16Multiplier``)."""
    return min((multiplier + (1 << 15)) >> 16, 32767)


TABLES: dict[str, Callable[[Layer], Value]] = {
    "ABS": _absolute,
    "ELU": _elu,
    "HARD_SWISH": _hard_swish,
    "LEAKY_RELU": _leaky_relu,
    "LOGISTIC": _logistic,
    "QUANTIZE": _rescaled,
    "RELU": _relu,
    "RELU6": _relu6,
    "RSQRT": _reciprocal_square_root,
    "TANH": _tanh,
}
