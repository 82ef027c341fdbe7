"""Weights of few values are recognised by their form, and dense ones are not."""

import numpy as np
import pytest

from edgekit.converters.compression.few_values import FewValues, Form, few_values
from edgekit.converters.compression.weights import Weight

RANDOM = np.random.default_rng(1)


def found(values, axis=0):
    return few_values(Weight("w", np.asarray(values, np.float32), "Conv 'c'", "Conv", axis))


def wanted(form, values, bits, *, per_channel=False):
    return FewValues(form, per_channel, values, bits)


def ternary(*shape, scale=0.37):
    return scale * RANDOM.integers(-1, 2, shape)


def palette(count, *shape):
    return RANDOM.standard_normal(count)[RANDOM.integers(0, count, shape)]


def binary_codes(count, rows, weights):
    scales = np.array([1.0, 0.6, 0.2, 0.05])[:count] * RANDOM.uniform(0.9, 1.1, (rows, count))
    return np.einsum("rwi,ri->rw", RANDOM.choice([-1.0, 1.0], (rows, weights, count)), scales)


CHANNELS = RANDOM.uniform(0.1, 3, (8, 1, 1, 1))


@pytest.mark.parametrize(
    ("values", "few"),
    [
        (ternary(8, 4, 3, 3), wanted(Form.TERNARY, 3, 2)),
        (ternary(8, 4, 3, 3) * CHANNELS, wanted(Form.TERNARY, 3, 2, per_channel=True)),
        (0.2 * RANDOM.choice([0, 1], (8, 16)), wanted(Form.TERNARY, 2, 1)),
        (0.2 * RANDOM.choice([-1, 1], (8, 16)), wanted(Form.BINARY, 2, 1)),
        (
            RANDOM.choice([-1, 1], (8, 4, 3, 3)) * CHANNELS,
            wanted(Form.BINARY, 2, 1, per_channel=True),
        ),
        (palette(16, 8, 40), wanted(Form.PALETTE, 16, 4)),
        (palette(60, 64, 40), wanted(Form.PALETTE, 60, 6)),
        (palette(5, 8, 6, 3, 3) * CHANNELS, wanted(Form.PALETTE, 5, 3, per_channel=True)),
        (0.03 * RANDOM.integers(-8, 8, (16, 40)), wanted(Form.UNIFORM, 16, 4)),
        (0.03 * RANDOM.integers(-2, 2, (16, 40)), wanted(Form.UNIFORM, 4, 2)),
        (binary_codes(2, 12, 64), wanted(Form.BINARY_CODES, 4, 2, per_channel=True)),
        (binary_codes(3, 32, 64), wanted(Form.BINARY_CODES, 8, 3, per_channel=True)),
        (binary_codes(4, 32, 96), wanted(Form.BINARY_CODES, 16, 4, per_channel=True)),
        (binary_codes(3, 1, 576).reshape(64, 9), wanted(Form.BINARY_CODES, 8, 3)),
    ],
)
def test_forms(values, few):
    assert found(values) == few
    assert found(np.moveaxis(values, 0, -1), axis=values.ndim - 1) == few


def test_a_grid_of_four_bits_per_channel():
    whole = RANDOM.integers(-7, 8, (8, 4, 3, 3))
    whole[:, 0, 0, 0] = 7
    whole[:, 1, 0, 0] = 6  # no channel has a common divisor
    few = found(0.01 * whole * CHANNELS)
    assert (few.form, few.per_channel, few.bits) == (Form.UNIFORM, True, 4)


def test_channels_too_short_for_repetitions_are_on_a_grid_all_the_same():
    few = found(0.01 * RANDOM.integers(-8, 8, (64, 1, 3, 3)) * RANDOM.uniform(1, 9, (64, 1, 1, 1)))
    assert (few.form, few.per_channel, few.bits) == (Form.UNIFORM, True, 4)


@pytest.mark.parametrize("shape", [(64, 1), (20, 1, 1, 1)])
def test_a_weight_a_channel_is_no_grid(shape):
    assert found(RANDOM.standard_normal(shape)) is None


@pytest.mark.parametrize("shape", [(8, 4, 3, 3), (64, 9), (4, 4), (10, 640)])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_dense_weights_have_none(shape, dtype):
    assert found(RANDOM.standard_normal(shape).astype(dtype)) is None


def test_pruned_dense_weights_have_none():
    values = RANDOM.standard_normal((8, 4, 3, 3))
    values[RANDOM.random(values.shape) < 0.4] = 0
    assert found(values) is None


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_a_single_value_is_no_finding(value):
    assert found(np.full((8, 16), value)) is None


def test_channels_of_zeros_have_no_say():
    values = ternary(8, 4, 3, 3) * CHANNELS
    values[3] = 0
    assert found(values) == wanted(Form.TERNARY, 3, 2, per_channel=True)


def test_eight_bits_are_no_finding():
    assert found(0.01 * RANDOM.integers(-127, 128, (64, 64))) is None
