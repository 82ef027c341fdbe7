"""Grids of activations, weights and biases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.bundle.manifest import Scheme
from edgekit.converters.graph import DataType, Quantization
from edgekit.converters.quantize.parameters import (
    ACTIVATIONS,
    bias_of,
    least_weight_scales,
    quantize_values,
    real_values,
    weights_of,
    without_sentinels,
)

TYPES = st.sampled_from(list(ACTIVATIONS.values()))
ENDS = st.floats(-1e6, 1e6, width=32)


@given(TYPES, ENDS, ENDS)
def test_a_grid_holds_its_range_and_zero(activations, one, other):
    low, high = min(one, other), max(one, other)
    grid = activations.parameters(low, high)

    ends = np.array([low, high, 0.0])
    back = real_values(quantize_values(ends, grid, activations.dtype), grid)

    # The zero point is rounded, so an end may lie half a step outside, and rounds by half.
    assert np.all(np.abs(back - ends) <= 1.01 * grid.scales[0])
    assert back[2] == 0.0


@given(TYPES, st.integers(-200, 200), st.integers(-200, 200))
def test_whole_numbers_are_exact_where_they_fit(activations, one, other):
    low, high = min(one, other, 0), max(one, other, 0)
    grid = activations.whole_parameters(low, high)

    if grid is None:
        assert high - low > 255
    else:
        numbers = np.arange(low, high + 1)
        integers = quantize_values(numbers, grid, activations.dtype)
        np.testing.assert_array_equal(real_values(integers, grid), numbers)


@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3),
    st.floats(1e-6, 1e3),
    st.floats(0, 1),
)
def test_a_bias_fits_the_accumulator_whatever_the_weights(bias, step, size):
    values, source = np.array(bias), Quantization((step,), (0,), 0)
    weights = np.full((3, 4), size * 1e-9, np.float32)

    grid = bias_of(source, weights_of(weights, 0, least_weight_scales(values, source)))
    integers = quantize_values(values, grid, DataType.INT32)

    np.testing.assert_allclose(real_values(integers, grid), values, atol=grid.scales[0])
    assert np.all(np.abs(integers.astype(np.int64)) <= 2**29 + 64)


def test_one_scale_for_all_channels_is_that_of_the_largest_demand():
    weights = np.array([[0.5, -1.27], [0.1, 0.2]], np.float32)

    assert weights_of(weights, None).scales == (pytest.approx(0.01),)
    assert weights_of(weights, None, np.array([0.001, 0.02])).scales == (pytest.approx(0.02),)
    assert weights_of(weights, 0, np.array([0.0, 0.02])).scales == pytest.approx((0.01, 0.02))


def test_int16_is_symmetric():
    assert ACTIVATIONS[Scheme.INT16X8].parameters(-1.0, 3.0).zero_points == (0,)


@given(TYPES, st.floats(0, 2**-20, width=32))
def test_steps_are_large_enough_for_a_fused_relu6(activations, high):
    """Kernels put 6 on the grid of the output, as an int32."""
    assert 6.0 / activations.parameters(0.0, high).scales[0] < 2**31


def test_small_weights_are_told_from_none():
    values = np.array([[1e-12, -2e-12], [0.0, 0.0]], np.float32)
    small, none = weights_of(values, 0).scales
    assert small == pytest.approx(2e-12 / 127)
    assert none == pytest.approx(1e-9)


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        ([1.0, -2.0], [1.0, -2.0]),
        ([1.0, -2.0, -1e9], [1.0, -2.0]),
        ([0.0, -3.4e38], [0.0]),
        ([5.0, np.inf, -np.inf, np.nan], [5.0]),
        ([-1e9, -1e10], []),
        ([3e8, 2e9], [3e8, 2e9]),  # a network whose values grow
        ([2e9, 3e10], [2e9, 3e10]),
        ([3e8, 2e9, -np.inf], [3e8, 2e9]),
        ([], []),
    ],
)
def test_what_stands_for_infinity_is_told_from_large_values(values, meant):
    found = without_sentinels(np.array(values, np.float32))
    np.testing.assert_array_equal(found, np.array(meant, np.float32))
