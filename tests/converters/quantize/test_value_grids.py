"""Steps and scales are found in float32 values that were made with them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.quantize.value_grids import (
    binary_scales,
    distinct,
    shares_values,
    uniform_step,
)

STEPS = st.floats(2.0**-20, 2.0**10, width=32)


@given(STEPS, st.lists(st.integers(-127, 127), min_size=3, max_size=40))
def test_a_step_holds_every_multiple(step, multiples):
    values = np.float32(step) * np.array(multiples, np.float32)
    found = uniform_step(values, 127)

    if not values.any():
        assert found is None
        return
    wholes = values.astype(np.float64) / found
    np.testing.assert_allclose(wholes, np.round(wholes), rtol=1e-6, atol=0)
    # It is the given step, or a multiple of it where the values have a common divisor.
    divisor = np.gcd.reduce(np.array(multiples))
    assert found == pytest.approx(step * divisor, rel=1e-6)


@given(STEPS)
def test_the_very_step_is_found_where_one_is_among_the_values(step):
    values = np.float32(step) * np.arange(-8, 8, dtype=np.float32)
    assert uniform_step(values, 8) == np.float32(step)


def test_a_batch_norm_in_the_weights_moves_the_step():
    step, factor = np.float32(0.0371), np.float32(1.7183)
    values = step * np.arange(-8, 8, dtype=np.float32) * factor
    assert uniform_step(values, 8) == pytest.approx(float(step) * float(factor), rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_random_numbers_have_no_step(seed):
    assert uniform_step(np.random.default_rng(seed).standard_normal(6).astype("f4"), 127) is None


def test_a_step_needs_no_more_multiples_than_are_allowed():
    values = np.array([1, 8], np.float32) / 3
    assert uniform_step(values, 8) is not None
    assert uniform_step(values, 7) is None


@settings(deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda count: st.tuples(
            st.lists(st.floats(0.125, 8, width=32), min_size=count, max_size=count, unique=True),
            st.integers(0, 2**32 - 1),
        )
    )
)
def test_binary_scales_give_every_value(given):
    scales, seed = given
    generator = np.random.default_rng(seed)
    signs = generator.choice([-1.0, 1.0], (50, len(scales)))
    values = (signs @ np.array(scales, np.float64)).astype(np.float32)

    found = binary_scales(values)

    assert found is not None
    assert len(found) <= len(scales)
    assert np.all(found > 0)
    sums = np.array([np.dot(pattern, found) for pattern in product((-1, 1), repeat=len(found))])
    misses = np.abs(values[:, None] - sums).min(axis=1)
    assert misses.max() <= 1e-5 * np.abs(values).max()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_very_scales_are_found_where_all_sums_occur(count):
    scales = np.array([0.81, 0.37, 0.22, 0.05])[:count]
    values = np.array([np.dot(signs, scales) for signs in product((-1, 1), repeat=count)], "f4")
    np.testing.assert_allclose(binary_scales(values), scales, rtol=1e-5)


def test_random_numbers_have_no_binary_scales():
    values = np.random.default_rng(0).standard_normal(16).astype(np.float32)
    assert binary_scales(values) is None
    assert binary_scales(np.concatenate([values[:8], -values[:8]])) is None


def test_values_that_differ_by_rounding_are_one():
    third = np.float32(1) / np.float32(3)
    values = np.array([third, np.nextafter(third, np.float32(1)), -0.0, 0.0, 0.5], np.float32)
    np.testing.assert_allclose(distinct(values), [0.0, third, 0.5], rtol=1e-6)
    assert distinct(np.zeros(0, np.float32)).size == 0


def test_a_tensor_shares_its_values_unless_channels_have_far_fewer():
    assert shares_values(16, 16)
    assert shares_values(16, 5)
    assert not shares_values(48, 4)
