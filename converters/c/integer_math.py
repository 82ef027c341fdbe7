"""Integer arithmetic on the host as kernels do it on the device."""

from edgekit.converters.c.fixed_point import FixedPoint

__all__ = ["clamp", "doubling_high_product", "requantize", "saturating_left", "shift_right"]

_LEAST, _GREATEST = -(2**31), 2**31 - 1


def clamp(value: int, low: int, high: int) -> int:
    """Return the value of a range that is nearest."""
    return max(low, min(high, value))


def doubling_high_product(first: int, second: int) -> int:
    """Return ``first * second / 2**31``, halves up, saturated to 32 bits."""
    return min((first * second + (1 << 30)) >> 31, _GREATEST)


def shift_right(value: int, count: int) -> int:
    """Return ``value / 2**count``, halves away from zero."""
    mask = (1 << count) - 1
    return (value >> count) + ((value & mask) > (mask >> 1) + (value < 0))


def saturating_left(value: int, count: int) -> int:
    """Return ``value * 2**count``, saturated to 32 bits."""
    return clamp(value << count, _LEAST, _GREATEST)


def requantize(value: int, factor: FixedPoint) -> int:
    """Return ``value * factor``, rounded twice.

    ``MultiplyByQuantizedMultiplier`` of TensorFlow Lite (kernels/internal/common.cc); what it
    shifts out of 32 bits to the left is lost.
    """
    left = max(factor.shift, 0)
    scaled = ((value << left) + 2**31) % 2**32 - 2**31
    return shift_right(doubling_high_product(scaled, factor.multiplier), left - factor.shift)
