"""Integer arithmetic on the host is what C computes, and near to the real result."""

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.c.fixed_point import FixedPoint, quantize_multiplier
from edgekit.converters.c.integer_math import (
    clamp,
    doubling_high_product,
    requantize,
    saturating_left,
    shift_right,
)

words = st.integers(-(2**31), 2**31 - 1)


@given(words, words)
def test_the_high_product_rounds_halves_up(first, second):
    exact = Fraction(first * second, 2**31)
    assert doubling_high_product(first, second) == min(
        math.floor(exact + Fraction(1, 2)), 2**31 - 1
    )


@given(words, st.integers(0, 31))
def test_a_shift_rounds_halves_away_from_zero(value, count):
    exact = Fraction(abs(value), 2**count) + Fraction(1, 2)
    assert shift_right(value, count) == math.floor(exact) * (1 if value >= 0 else -1)


@given(words, st.integers(0, 31))
def test_a_left_shift_saturates(value, count):
    assert saturating_left(value, count) == clamp(value * 2**count, -(2**31), 2**31 - 1)


@given(st.integers(-(2**23), 2**23), st.floats(2.0**-20, 100.0))
def test_requantizing_is_within_one_of_the_real_product(value, factor):
    assert abs(requantize(value, quantize_multiplier(factor)) - value * factor) <= 1


def test_what_leaves_32_bits_to_the_left_is_lost():
    assert requantize(2**30, FixedPoint(2**30, 2)) == 0
