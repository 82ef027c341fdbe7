"""Factors in fixed point are as near as 31 bits can be, and round as C does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.c.fixed_point import (
    activation_range,
    integer_range,
    quantize_multiplier,
    round_away,
)
from edgekit.converters.graph import DataType


@given(st.floats(2.0**-30, 2.0**30))
def test_a_factor_is_kept_to_31_bits(factor):
    fixed = quantize_multiplier(factor)
    assert 2**30 <= fixed.multiplier < 2**31
    assert math.isclose(fixed.multiplier * 2.0 ** (fixed.shift - 31), factor, rel_tol=2.0**-30)


@pytest.mark.parametrize(
    ("factor", "multiplier", "shift"),
    [(0.0, 0, 0), (1.0, 2**30, 1), (0.5, 2**30, 0), (1 - 2.0**-40, 2**30, 1), (2.0**-40, 0, 0)],
)
def test_corners(factor, multiplier, shift):
    fixed = quantize_multiplier(factor)
    assert (fixed.multiplier, fixed.shift) == (multiplier, shift)


@given(st.integers(-(2**40), 2**40))
def test_halves_round_away_from_zero(whole):
    assert round_away(whole + (0.5 if whole >= 0 else -0.5)) == whole + (1 if whole >= 0 else -1)
    assert round_away(float(whole)) == whole


@pytest.mark.parametrize(
    ("activation", "wanted"), [(0, (-128, 127)), (1, (-10, 127)), (2, (-20, 0)), (3, (-10, 50))]
)
def test_activations_clamp_at_their_values(activation, wanted):
    assert activation_range(activation, 0.1, -10, DataType.INT8) == wanted


def test_an_activation_without_a_range_has_none():
    assert activation_range(4, 0.1, 0, DataType.INT8) is None


def test_ranges_of_types():
    assert integer_range(DataType.INT16) == (-32768, 32767)
    assert integer_range(DataType.UINT8) == (0, 255)
