"""Quantization agrees with TFLite's own operators and with exact decimal arithmetic."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.runtime import Kernels, QuantizationError, dequantize, open_interpreter, quantize

DTYPES = ("int8", "uint8", "int16")
SIZE = 16

dtypes = st.sampled_from(DTYPES)
scales = st.floats(2.0**-20, 2.0**20, width=32)
arrays = st.lists(st.floats(-(2.0**30), 2.0**30, width=32), min_size=SIZE, max_size=SIZE)


@st.composite
def parameters(draw):
    """A type, a scale and a zero point that lies in the type (0 for int16, as in TFLite)."""
    dtype = draw(dtypes)
    info = np.iinfo(dtype)
    zero_point = 0 if dtype == "int16" else draw(st.integers(int(info.min), int(info.max)))
    return dtype, draw(scales), zero_point


def run_op(content, value):
    interpreter, _ = open_interpreter(content, kernels=Kernels.REFERENCE)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def decimal_quantize(value, dtype, scale, zero_point):
    info = np.iinfo(dtype)
    quotient = Decimal(float(np.float32(value) / np.float32(scale)))
    rounded = int(quotient.to_integral_value(ROUND_HALF_UP))  # half away from zero, both signs
    return max(int(info.min), min(int(info.max), rounded + zero_point))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parameters(), st.lists(st.floats(-1.5, 1.5, width=32), min_size=SIZE, max_size=SIZE))
def test_quantize_is_the_quantize_operator(tflite_models, given_parameters, spread):
    dtype, scale, zero_point = given_parameters
    # Around the type's whole range, a little beyond, and exactly on halves.
    steps = np.array(spread, np.float32) * np.float32(np.iinfo(dtype).max)
    values = np.where(np.arange(SIZE) % 2, steps, np.round(steps) + np.float32(0.5))
    values = (values * np.float32(scale)).astype(np.float32)
    content = tflite_models.quantize_model(dtype, scale, zero_point, SIZE)
    mine = quantize(values, dtype, scale, zero_point)
    np.testing.assert_array_equal(mine, run_op(content, values))
    assert mine.dtype == dtype


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parameters(), st.data())
def test_dequantize_is_the_dequantize_operator(tflite_models, given_parameters, data):
    dtype, scale, zero_point = given_parameters
    info = np.iinfo(dtype)
    values = data.draw(
        st.lists(st.integers(int(info.min), int(info.max)), min_size=SIZE, max_size=SIZE)
    )
    values = np.array(values, dtype)
    content = tflite_models.dequantize_model(dtype, scale, zero_point, SIZE)
    mine = dequantize(values, scale, zero_point)
    np.testing.assert_array_equal(mine, run_op(content, values))
    assert mine.dtype == np.float32


@given(parameters(), arrays)
def test_quantize_rounds_halves_away_from_zero_and_saturates(given_parameters, values):
    dtype, scale, zero_point = given_parameters
    expected = [decimal_quantize(value, dtype, scale, zero_point) for value in values]
    assert quantize(np.array(values), dtype, scale, zero_point).tolist() == expected


@given(st.floats(-40000, 40000, width=32))
def test_rounding_is_right_next_to_every_half(value):
    near = np.float32(np.floor(value) + 0.5)
    around = [np.nextafter(near, np.float32(-1e9)), near, np.nextafter(near, np.float32(1e9))]
    expected = [decimal_quantize(x, "int16", 1.0, 0) for x in around]
    assert quantize(np.array(around), "int16", 1.0, 0).tolist() == expected


@given(parameters(), st.data())
def test_quantize_undoes_dequantize(given_parameters, data):
    dtype, scale, zero_point = given_parameters
    info = np.iinfo(dtype)
    values = np.array([data.draw(st.integers(int(info.min), int(info.max)))], dtype)
    again = quantize(dequantize(values, scale, zero_point), dtype, scale, zero_point)
    assert again.tolist() == values.tolist()


def test_infinities_and_float64_beyond_float32_saturate():
    values = np.array([np.inf, -np.inf, 1e300, -1e300, 3e38])
    assert quantize(values, "int8", 1e-3, 0).tolist() == [127, -128, 127, -128, 127]


@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (1, 0, 2)])
def test_shapes_are_kept_and_the_input_is_left_alone(shape):
    values = np.full(shape, 0.26, np.float32)
    integers = quantize(values, "uint8", 0.1, 7)
    assert (integers.shape, integers.dtype) == (shape, np.uint8)
    assert np.all(integers == 10)
    assert np.all(values == np.float32(0.26))
    real = dequantize(integers, 0.1, 7)
    assert (real.shape, real.dtype) == (shape, np.float32)
    assert np.all(integers == 10)


def test_nan_is_refused():
    with pytest.raises(QuantizationError, match="NaN cannot be quantized to int8"):
        quantize(np.array([0.0, np.nan]), "int8", 0.1, 0)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf"), 1e-60, 1e60])
def test_scales_that_are_no_positive_float32_are_refused(scale):
    with pytest.raises(QuantizationError, match="not a positive float32"):
        quantize(np.zeros(1), "int8", scale, 0)
    with pytest.raises(QuantizationError, match="not a positive float32"):
        dequantize(np.zeros(1, np.int8), scale, 0)


@pytest.mark.parametrize(("dtype", "zero_point"), [("int8", 128), ("uint8", -1), ("int16", 40000)])
def test_zero_points_outside_the_type_are_refused(dtype, zero_point):
    with pytest.raises(QuantizationError, match=f"outside {dtype}"):
        quantize(np.zeros(1), dtype, 1.0, zero_point)


@pytest.mark.parametrize("dtype", ["int32", "float32", "bool"])
def test_other_types_are_refused(dtype):
    with pytest.raises(QuantizationError, match="not a quantized type"):
        quantize(np.zeros(1), dtype, 1.0, 0)
    with pytest.raises(QuantizationError, match="not a quantized type"):
        dequantize(np.zeros(1, dtype), 1.0, 0)
