"""Which integers of TFLite hold a trained grid, by arithmetic of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.graph import DataType
from edgekit.converters.quantize.trained import activation_grid, trained_weights
from edgekit.converters.trained_grid import TrainedGrid

SCALES = st.floats(2.0**-20, 2.0**10, width=32)


@given(SCALES, st.integers(0, 255))
def test_shifted_unsigned_integers_stand_for_the_same_numbers(scale, point):
    grid = TrainedGrid((scale,), (point,), "uint8", 0)
    held = activation_grid(grid, DataType.INT8)
    codes = np.arange(256)
    given_numbers = (codes - point) * scale
    np.testing.assert_array_equal(
        given_numbers, (codes - 128 - held.zero_points[0]) * held.scales[0]
    )


@pytest.mark.parametrize(
    ("dtype", "point", "wanted", "held"),
    [
        ("int8", 5, DataType.INT8, True),
        ("int8", 5, DataType.INT16, False),
        ("int16", 0, DataType.INT16, True),
        ("int16", 1, DataType.INT16, False),
        ("uint16", 32768, DataType.INT16, True),
        ("uint16", 32767, DataType.INT16, False),
        ("uint16", 32768, DataType.INT8, False),
        ("int4", 0, DataType.INT8, False),
    ],
)
def test_types_that_hold_a_grid(dtype, point, wanted, held):
    grid = activation_grid(TrainedGrid((0.5,), (point,), dtype, 0), wanted)
    assert (grid is not None) is held


def test_activations_with_scales_for_channels_have_none():
    assert activation_grid(TrainedGrid((0.5, 1.0), (0, 0), "int8", 1), DataType.INT8) is None


@settings(max_examples=60)
@given(st.lists(SCALES, min_size=3, max_size=3), st.integers(0, 2**32 - 1), st.integers(-20, 20))
def test_integers_come_back_from_their_numbers(scales, seed, point):
    codes = np.random.default_rng(seed).integers(-100, 100, (2, 5, 3))
    real = (codes.astype(np.float32) - np.float32(point)) * np.array(scales, np.float32)
    grid = TrainedGrid(tuple(scales), (point,) * 3, "int8", 0)
    quantization, found = trained_weights(real, grid, 2, 0.0)
    np.testing.assert_array_equal(found, codes - point)
    assert quantization.scales == tuple(scales)
    assert quantization.zero_points == (0, 0, 0)


def test_one_scale_is_repeated_for_channels_and_kept_for_a_tensor():
    values = np.arange(-6, 6, dtype=np.float32).reshape(4, 3) * np.float32(0.1)
    grid = TrainedGrid((float(np.float32(0.1)),), (0,), "int8", 0)
    assert trained_weights(values, grid, 0, 0.0)[0].scales == grid.scales * 4
    assert trained_weights(values, grid, None, 0.0)[0].scales == grid.scales


def test_the_least_integer_moves_by_one():
    values = np.array([[-128, -127, 127]], np.float32)
    _, codes = trained_weights(values, TrainedGrid((1.0,), (0,), "int8", 0), None, 0.0)
    assert codes.tolist() == [[-127, -127, 127]]


@pytest.mark.parametrize(
    ("values", "scales", "axis", "least"),
    [
        ([[1.0, 2.5]], (1.0,), 0, 0.0),  # off the grid
        ([[1.0, 128.0]], (1.0,), 0, 0.0),  # beyond int8
        ([[1.0, 2.0]], (1.0, 2.0, 3.0), 0, 0.0),  # another number of channels
        ([[1.0, 2.0]], (1.0, 1.0), None, 0.0),  # scales where there is room for one
        ([[1.0, 2.0]], (1.0,), 0, 1.5),  # a bias that does not fit
    ],
)
def test_what_is_not_on_a_grid_of_tflite(values, scales, axis, least):
    grid = TrainedGrid(scales, (0,) * len(scales), "int8", 0)
    assert trained_weights(np.array(values, np.float32), grid, axis, least) is None
