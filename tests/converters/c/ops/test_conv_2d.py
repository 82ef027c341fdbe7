"""CONV_2D gives the golden bytes for every shape, stride, dilation, padding, group and scale."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import Node

SAME, VALID = 0, 1


def window(rng, size):
    """Return input height and width, stride, dilation and padding for a kernel."""
    stride, dilation = rng.integers(1, 4, 2), rng.integers(1, 3, 2)
    padding = int(rng.integers(2))
    covered = (np.array(size) - 1) * dilation + 1
    image = covered + rng.integers(0, 5, 2) if padding == VALID else rng.integers(1, 9, 2)
    rest = image - covered if padding == VALID else image - 1
    result = rest // stride + 1
    return image, stride, dilation, padding, result


def scaled(lib, rng, shape, dtype, **scales):
    if dtype == "int8":
        return lib.any_tensor(rng, shape, **scales)
    return lib.tensor(shape, dtype, scale=lib.random_scale(rng, -14, -8))


def biased(lib, rng, x, scale, outputs, kind):
    """Return a bias whose scale is the product of the others', or none at all."""
    if kind is None or rng.integers(4) == 0:
        return None
    return lib.tensor(
        (outputs,),
        kind,
        scale=x.quantization.scales[0] * np.float32(scale),
        data=rng.integers(-5000, 5000, outputs),
    )


def case(lib, rng, dtype, bias):
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    inputs = groups * int(rng.integers(1, 9))
    outputs = groups * int(rng.integers(1, 7))
    size = tuple(int(item) for item in rng.integers(1, 5, 2))
    image, stride, dilation, padding, result = window(rng, size)
    batches = int(rng.choice([1, 1, 2]))
    x = scaled(lib, rng, (batches, *map(int, image), inputs), dtype)
    shape = (outputs, *size, inputs // groups)
    scale = 2.0 ** rng.uniform(-9, -3, outputs if rng.integers(2) else 1)
    weights = lib.tensor(
        shape, scale=scale, data=rng.integers(-127, 128, shape) if rng.integers(4) else 127
    )
    out = scaled(lib, rng, (batches, *map(int, result), outputs), dtype, low=-6, high=4)
    options = {
        "padding": padding,
        "stride_h": int(stride[0]),
        "stride_w": int(stride[1]),
        "dilation_h_factor": int(dilation[0]),
        "dilation_w_factor": int(dilation[1]),
        "fused_activation_function": int(rng.integers(4)),
    }
    inputs = [x, weights, biased(lib, rng, x, scale, outputs, bias)]
    return Node("CONV_2D", inputs, [out], options)


@pytest.mark.parametrize(
    ("dtype", "bias"), [("int8", "int32"), ("int16", "int64"), ("int16", "int32")]
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_convolution_is_golden(c_libraries, dtype, bias, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, dtype, bias), seeds)


def case_of_four_bits(lib, rng):
    node = case(lib, rng, "int8", "int32")
    weights = node.inputs[1]
    weights.dtype, weights.data = DataType.INT4, weights.data // 16
    return node


@given(st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_weights_of_four_bits_are_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case_of_four_bits(c_libraries, rng), seeds)
