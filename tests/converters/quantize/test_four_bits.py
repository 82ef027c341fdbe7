"""Weights become INT4 where that is exact, and only there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.quantize.four_bits import fits_four_bits, four_bit_weights
from edgekit.converters.quantize.parameters import real_values


@settings(deadline=None)
@given(st.floats(2.0**-12, 8, width=32), st.sampled_from([None, 0, 1]), st.integers(0, 99))
def test_integers_stand_for_the_very_weights(step, axis, seed):
    values = np.float32(step) * np.random.default_rng(seed).integers(-8, 7, (6, 20)).astype("f4")
    grid, codes = four_bit_weights(values, axis)
    assert codes.dtype == np.int8
    assert fits_four_bits(codes)
    np.testing.assert_array_equal(real_values(codes, grid).astype(np.float32), values)


def test_ternary_weights_have_finer_steps_for_the_bias():
    values = np.float32(0.8) * np.array([[1, 0, -1, 1]], np.float32)
    grid, codes = four_bit_weights(values, 0)
    np.testing.assert_array_equal(codes, [[4, 0, -4, 4]])
    assert grid.scales == pytest.approx((0.2,))


def test_a_channel_of_zeros_has_what_its_bias_asks_for():
    values = np.array([[1, 2, 7], [0, 0, 0]], np.float32)
    grid, codes = four_bit_weights(values, 0, np.array([0.0, 0.5]))
    assert grid.scales == (1.0, 0.5)
    assert not codes[1].any()


@pytest.mark.parametrize(
    "values",
    [
        [[1, 8, -7]],  # 8 is one too many
        [[1, 9, 2]],
        [[0.31, 0.5, 0.77]],
        [[1, 2, 7], [0.31, 0.5, 0.77]],
    ],
)
def test_others_do_not(values):
    assert four_bit_weights(np.array(values, np.float32), 0) is None


def test_a_bias_that_needs_larger_scales_forbids_it():
    assert four_bit_weights(np.array([[1, 2, 7]], np.float32), 0, np.array([1.5])) is None
