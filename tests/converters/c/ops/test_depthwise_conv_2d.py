"""DEPTHWISE_CONV_2D gives the golden bytes for every shape, multiplier, stride and dilation."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node

SAME, VALID = 0, 1


def case(lib, rng, dtype, bias):
    channels, multiplier = int(rng.integers(1, 9)), int(rng.choice([1, 1, 2, 3]))
    size = rng.integers(1, 6, 2)
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(2))
    dilation = rng.integers(1, 3, 2) if stride == 1 else np.array([1, 1])
    covered = (size - 1) * dilation + 1
    image = rng.integers(1, 9, 2) + (covered if padding == VALID else 0)
    result = (image - (covered if padding == VALID else 1)) // stride + 1
    x_shape = (1, *map(int, image), channels)
    y_shape = (1, *map(int, result), channels * multiplier)
    if dtype == "int8":
        x, out = lib.any_tensor(rng, x_shape), lib.any_tensor(rng, y_shape, low=-6, high=3)
    else:
        x, out = (
            lib.tensor(shape, dtype, scale=lib.random_scale(rng, -14, -8))
            for shape in (x_shape, y_shape)
        )
    outputs = channels * multiplier
    scale = 2.0 ** rng.uniform(-9, -3, outputs)
    shape = (1, *map(int, size), outputs)
    weights = lib.tensor(shape, scale=scale, axis=3, data=rng.integers(-127, 128, shape))
    inputs = [x, weights]
    if rng.integers(4):
        inputs.append(
            lib.tensor(
                (outputs,),
                bias,
                scale=x.quantization.scales[0] * np.float32(scale),
                data=rng.integers(-5000, 5000, outputs),
            )
        )
    options = {
        "padding": padding,
        "stride_h": stride,
        "stride_w": stride,
        "dilation_h_factor": int(dilation[0]),
        "dilation_w_factor": int(dilation[1]),
        "depth_multiplier": multiplier,
        "fused_activation_function": int(rng.integers(4)),
    }
    return Node("DEPTHWISE_CONV_2D", inputs, [out], options)


@pytest.mark.parametrize(("dtype", "bias"), [("int8", "int32"), ("int16", "int64")])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_depthwise_convolution_is_golden(c_libraries, dtype, bias, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, dtype, bias), seeds)
