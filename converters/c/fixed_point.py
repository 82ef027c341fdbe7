"""Constants of integer arithmetic, computed as TensorFlow Lite Micro computes them at start-up."""

import math
from dataclasses import dataclass

from edgekit.converters.graph import DataType

__all__ = ["FixedPoint", "activation_range", "integer_range", "quantize_multiplier", "round_away"]


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """A real factor as ``multiplier * 2 ** (shift - 31)``; a positive shift is to the left."""

    multiplier: int
    shift: int


def round_away(value: float) -> int:
    """Return the nearest integer, halves away from zero, as C's ``round``."""
    whole = math.floor(abs(value))
    nearest = whole + (abs(value) - whole >= 0.5)
    return nearest if value >= 0 else -nearest


def quantize_multiplier(factor: float) -> FixedPoint:
    """Return a factor in fixed point.

    ``QuantizeMultiplier`` of TensorFlow Lite (kernels/internal/quantization_util.cc).
    """
    if factor == 0.0:
        return FixedPoint(0, 0)
    fraction, shift = math.frexp(factor)
    multiplier = round_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return FixedPoint(0, 0)
    return FixedPoint(multiplier, shift)


def integer_range(dtype: DataType) -> tuple[int, int]:
    """Return the least and the greatest value of a signed or unsigned integer type."""
    if dtype.value.startswith("U"):
        return 0, 2**dtype.bits - 1
    return -(2 ** (dtype.bits - 1)), 2 ** (dtype.bits - 1) - 1


def activation_range(
    activation: int, scale: float, zero_point: int, dtype: DataType
) -> tuple[int, int] | None:
    """Return what a fused activation clamps an integer output to, None for one without a range.

    ``CalculateActivationRangeQuantized`` of TensorFlow Lite (kernels/kernel_util.cc), which
    divides in single precision.
    """
    import numpy as np

    if activation not in _BOUNDS:
        return None
    low, high = integer_range(dtype)
    least, greatest = _BOUNDS[activation]

    def quantize(value: float) -> int:
        return zero_point + round_away(float(np.float32(value) / np.float32(scale)))

    if least is not None:
        low = max(low, quantize(least))
    if greatest is not None:
        high = min(high, quantize(greatest))
    return low, high


# `ActivationFunctionType` of the schema: NONE, RELU, RELU_N1_TO_1, RELU6.
_BOUNDS: dict[int, tuple[float | None, float | None]] = {
    0: (None, None),
    1: (0.0, None),
    2: (-1.0, 1.0),
    3: (0.0, 6.0),
}
