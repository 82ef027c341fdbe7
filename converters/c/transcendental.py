"""Exponential, logistic, tanh and inverse square root in gemmlowp's integer arithmetic.

The formulas are those of gemmlowp (fixedpoint/fixedpoint.h), which TensorFlow Lite Micro uses.
"""

from edgekit.converters.c.fixed_point import FixedPoint
from edgekit.converters.c.integer_math import (
    doubling_high_product,
    saturating_left,
    shift_right,
)

__all__ = ["exponential", "inverse_square_root", "logistic", "tanh"]

_ONE = 2**31 - 1  # in Q0.31
# e to the -1/4, -1/2, -1, -2, -4, -8 and -16, in Q0.31.
_POWERS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)


def exponential(value: int, integer_bits: int = 5) -> int:
    """Return e to the power of a value that is not positive, in Q0.31.

    ``exp_on_negative_values``: a Taylor series on a quarter, times a power of e for every bit
    above.

    Args:
        value: With ``31 - integer_bits`` fractional bits.
        integer_bits: At most 5.
    """
    if value == 0:
        return _ONE
    fractional_bits = 31 - integer_bits
    quarter = 1 << (fractional_bits - 2)
    fraction = (value & (quarter - 1)) - quarter
    result = _exponential_on_a_quarter(fraction << integer_bits)
    remainder = fraction - value
    for exponent, power in zip(range(-2, integer_bits), _POWERS, strict=False):
        if remainder & (1 << (fractional_bits + exponent)):
            result = doubling_high_product(result, power)
    return result


def logistic(value: int, integer_bits: int) -> int:
    """Return ``1 / (1 + e**-value)`` in Q0.31."""
    if value == 0:
        return 1 << 30
    positive = saturating_left(_newton(exponential(-abs(value), integer_bits)), 1)
    return positive if value > 0 else _ONE - positive


def tanh(value: int, integer_bits: int) -> int:
    """Return the hyperbolic tangent in Q0.31."""
    if value == 0:
        return 0
    # e^(-2 |x|): the same bits, read with one more integer bit.
    power = exponential(-abs(value), integer_bits + 1)
    positive = saturating_left(_newton(power) - (1 << 29), 2)
    return positive if value > 0 else -positive


def inverse_square_root(value: int) -> FixedPoint:
    """Return ``1 / sqrt(value)`` of a value that is not negative.

    ``GetInvSqrtQuantizedMultiplierExp`` of TensorFlow Lite (kernels/internal/common.h): five
    steps of Newton's method from 1, with 3 integer bits.
    """
    if value <= 1:
        return FixedPoint(_ONE, 0)
    shift = 11
    while value >= 1 << 29:
        value //= 4
        shift += 1
    pairs = (32 - value.bit_length() - 1) // 2 - 1
    shift -= pairs
    half = shift_right((value << (2 * pairs)) >> 1, 1)
    three_halves = (1 << 28) + (1 << 27)
    x = 1 << 28
    for _ in range(5):
        cube = doubling_high_product(doubling_high_product(x, x), x)
        cube = saturating_left(cube, 6)
        x = doubling_high_product(three_halves, x) - doubling_high_product(half, cube)
        x = saturating_left(x, 3)
    multiplier = doubling_high_product(x, 1518500250)  # sqrt(1/2)
    if shift < 0:
        multiplier, shift = multiplier << -shift, 0
    return FixedPoint(multiplier, -shift)


def _exponential_on_a_quarter(value: int) -> int:
    """Return e to a power in [-1/4, 0): Taylor's series around -1/8, in Q0.31."""
    x = value + (1 << 28)
    x2 = doubling_high_product(x, x)
    x3 = doubling_high_product(x2, x)
    x4 = doubling_high_product(x2, x2)
    third = doubling_high_product(shift_right(x4, 2) + x3, 715827883)  # 1/3
    series = x + shift_right(third + x2, 1)
    base = 1895147668  # e^(-1/8)
    return base + doubling_high_product(base, series)


def _newton(value: int) -> int:
    """Return ``2 / (1 + value)`` in Q2.29, of a value in Q0.31: three steps of Newton's method."""
    half = (value + _ONE + 1) // 2
    x = 1515870810 + doubling_high_product(half, -1010580540)  # 48/17 - 32/17 d
    for _ in range(3):
        error = (1 << 29) - doubling_high_product(half, x)
        x += saturating_left(doubling_high_product(x, error), 2)
    return x
