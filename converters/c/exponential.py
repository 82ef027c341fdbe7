"""The exponential of a softmax in the integer arithmetic of TensorFlow Lite Micro."""

__all__ = ["doubling_high_product", "exponential", "shift_right"]

# e to the -1/4, -1/2, -1, -2, -4, -8 and -16, in Q0.31.
_POWERS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)


def doubling_high_product(first: int, second: int) -> int:
    """Return ``first * second / 2**31``, halves up, saturated."""
    return min((first * second + (1 << 30)) >> 31, 2**31 - 1)


def shift_right(value: int, count: int) -> int:
    """Return ``value / 2**count``, halves away from zero."""
    mask = (1 << count) - 1
    return (value >> count) + ((value & mask) > (mask >> 1) + (value < 0))


def exponential(value: int, integer_bits: int = 5) -> int:
    """Return e to the power of a value that is not positive, in Q0.31.

    ``exp_on_negative_values`` of gemmlowp (fixedpoint/fixedpoint.h): a Taylor series on a
    quarter, times a power of e for every bit above.

    Args:
        value: With ``31 - integer_bits`` fractional bits.
        integer_bits: At most 5.
    """
    if value == 0:
        return 2**31 - 1
    fractional_bits = 31 - integer_bits
    quarter = 1 << (fractional_bits - 2)
    fraction = (value & (quarter - 1)) - quarter
    result = _on_a_quarter(fraction << integer_bits)
    remainder = fraction - value
    for exponent, power in zip(range(-2, integer_bits), _POWERS, strict=False):
        if remainder & (1 << (fractional_bits + exponent)):
            result = doubling_high_product(result, power)
    return result


def _on_a_quarter(value: int) -> int:
    """Return e to a power in [-1/4, 0): Taylor's series around -1/8, in Q0.31."""
    x = value + (1 << 28)
    x2 = doubling_high_product(x, x)
    x3 = doubling_high_product(x2, x)
    x4 = doubling_high_product(x2, x2)
    third = doubling_high_product(shift_right(x4, 2) + x3, 715827883)  # 1/3
    series = x + shift_right(third + x2, 1)
    base = 1895147668  # e^(-1/8)
    return base + doubling_high_product(base, series)
