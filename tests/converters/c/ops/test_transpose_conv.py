"""TRANSPOSE_CONV gives the golden bytes for every stride and padding."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node

VALID = 1


def case(lib, rng, dtype, bias):
    inputs, outputs = int(rng.integers(1, 7)), int(rng.integers(1, 7))
    size, stride = rng.integers(1, 5, 2), rng.integers(1, 4, 2)
    image, padding = rng.integers(1, 6, 2), int(rng.integers(2))
    result = image * stride
    if padding == VALID:
        result = (image - 1) * stride + size + rng.integers(0, stride)
    shapes = (1, *map(int, image), inputs), (1, *map(int, result), outputs)
    if dtype == "int8":
        x, out = lib.any_tensor(rng, shapes[0]), lib.any_tensor(rng, shapes[1], low=-6, high=3)
    else:
        x, out = (
            lib.tensor(shape, dtype, scale=lib.random_scale(rng, -14, -8)) for shape in shapes
        )
    scale = 2.0 ** rng.uniform(-9, -3, outputs)
    shape = (outputs, *map(int, size), inputs)
    weights = lib.tensor(shape, scale=scale, data=rng.integers(-127, 128, shape))
    biases = lib.tensor(
        (outputs,),
        bias,
        scale=x.quantization.scales[0] * np.float32(scale),
        data=rng.integers(-5000, 5000, outputs),
    )
    options = {
        "padding": padding,
        "stride_h": int(stride[0]),
        "stride_w": int(stride[1]),
        "fused_activation_function": 0,
    }
    sizes = lib.tensor((4,), "int32", data=out.shape)
    chosen = [sizes, weights, x, biases] if rng.integers(4) else [sizes, weights, x]
    return Node("TRANSPOSE_CONV", chosen, [out], options)


@pytest.mark.parametrize(("dtype", "bias"), [("int8", "int32"), ("int16", "int64")])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_transposed_convolution_is_golden(c_libraries, dtype, bias, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, dtype, bias), seeds)
