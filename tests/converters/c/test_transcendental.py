"""Functions in fixed point are near to the real ones."""

import math

from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.c.transcendental import (
    exponential,
    inverse_square_root,
    logistic,
    tanh,
)

ONE = 2.0**31


@given(st.floats(-20, 0))
def test_the_exponential(power):
    value = round(power * 2**26)
    assert abs(exponential(value, 5) / ONE - math.exp(value / 2**26)) < 1e-6


@given(st.floats(-7.9, 7.9))
def test_the_logistic_function_and_the_hyperbolic_tangent(x):
    value = round(x * 2**27)
    assert abs(logistic(value, 4) / ONE - 1 / (1 + math.exp(-value / 2**27))) < 1e-6
    assert abs(tanh(value, 4) / ONE - math.tanh(value / 2**27)) < 1e-6


@given(st.integers(2, 2**31 - 1))
def test_the_inverse_square_root(value):
    fixed = inverse_square_root(value)
    found = fixed.multiplier * 2.0 ** (fixed.shift - 31)
    # Five steps of Newton's method leave that much.
    assert math.isclose(found, 1 / math.sqrt(value), rel_tol=1e-5)
