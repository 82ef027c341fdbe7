"""Weights of few values keep them apart as integers, exactly where they lie on a grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.graph import DataType
from edgekit.converters.quantize.fitting_scales import fitting_scales
from edgekit.converters.quantize.parameters import quantize_values, real_values, weights_of

RANDOM = np.random.default_rng(3)


def quantized(values, axis=0):
    grid = weights_of(values, axis)
    codes = quantize_values(values, grid, DataType.INT8)
    return codes, real_values(codes, grid)


@settings(deadline=None)
@given(
    st.floats(2.0**-12, 8, width=32),
    st.integers(1, 63),
    st.sampled_from([0, 1]),
    st.integers(0, 99),
)
def test_weights_on_a_grid_are_exact(step, most, axis, seed):
    whole = np.random.default_rng(seed).integers(-most, most + 1, (6, 12))
    values = np.float32(step) * whole.astype(np.float32)

    codes, reals = quantized(values, axis)

    np.testing.assert_array_equal(reals.astype(np.float32), values)
    assert len(np.unique(codes)) <= len(np.unique(values))


def test_a_batch_norm_in_low_bit_weights_leaves_their_codes():
    whole = RANDOM.integers(-7, 8, (8, 40)).astype(np.float32)
    values = np.float32(0.013) * whole * RANDOM.uniform(0.3, 3, (8, 1)).astype(np.float32)

    codes, reals = quantized(values)

    np.testing.assert_allclose(reals, values, rtol=1e-6)
    assert len(np.unique(codes)) <= 15


def test_a_palette_of_a_tensor_has_one_code_a_value_in_all_channels():
    palette = RANDOM.standard_normal(16).astype(np.float32)
    values = palette[RANDOM.integers(0, 16, (32, 20))]
    values[5] = palette[np.argmin(np.abs(palette))]  # a channel that is small throughout

    codes, reals = quantized(values)

    pairs = set(zip(values.reshape(-1).tolist(), codes.reshape(-1).tolist(), strict=True))
    assert len(pairs) == len(np.unique(codes)) == 16
    assert np.abs(reals - values).max() <= np.abs(palette).max() / 127


@pytest.mark.parametrize("count", [2, 3, 4])
def test_sums_of_scales_are_rounded_as_sums_and_less_than_others(count):
    scales = np.array([1.0, 0.6, 0.2, 0.05])[:count] * RANDOM.uniform(0.97, 1.03, (32, count))
    signs = RANDOM.choice([-1.0, 1.0], (32, 64, count))
    values = np.einsum("rwi,ri->rw", signs, scales).astype(np.float32)

    codes, reals = quantized(values)

    plain = np.abs(values).max(axis=1, keepdims=True) / 127
    others = np.round(values / plain) * plain
    assert np.mean((reals - values) ** 2) < np.mean((others - values) ** 2)
    for row, own in zip(values, codes, strict=True):
        assert len(np.unique(own)) == len(np.unique(row))


@pytest.mark.parametrize("shape", [(16, 9), (8, 400), (64, 64)])
def test_dense_weights_have_the_scale_of_their_largest(shape):
    values = RANDOM.standard_normal(shape).astype(np.float32)
    assert fitting_scales(values, 0) is None
    largest = np.abs(values).max(axis=1)
    np.testing.assert_allclose(weights_of(values, 0).scales, largest / 127, rtol=1e-6)


def test_only_channels_with_few_values_are_fitted():
    values = RANDOM.standard_normal((4, 64)).astype(np.float32)
    values[1] = 0.0
    values[2] = 0.25 * RANDOM.integers(-3, 4, 64)

    scales = fitting_scales(values, 0)

    np.testing.assert_array_equal(scales[[0, 1, 3]], 0.0)
    assert 0.25 / scales[2] == 32
    assert weights_of(values, 0).scales[0] == pytest.approx(np.abs(values[0]).max() / 127)


def test_a_bias_that_needs_a_larger_scale_gets_it():
    values = np.float32(0.1) * RANDOM.integers(-7, 8, (2, 32)).astype(np.float32)
    least = np.array([0.0, 0.05])
    assert weights_of(values, 0, least).scales[1] == pytest.approx(0.05)
    assert 0.1 / weights_of(values, 0, least).scales[0] == pytest.approx(16)


def test_a_channel_that_one_scale_would_harm_keeps_its_own():
    palette = np.concatenate([np.linspace(1, 2, 8) ** 2, np.linspace(1, 2, 8) ** 2 * 1e-3])
    values = palette.astype(np.float32)[RANDOM.integers(0, 16, (6, 64))]
    values[0] = palette[8:].astype(np.float32)[RANDOM.integers(0, 8, 64)]

    scales = weights_of(values, 0).scales

    assert scales[0] == pytest.approx(4e-3 / 127, rel=1)
    assert scales[1] == pytest.approx(4 / 127, rel=1)
