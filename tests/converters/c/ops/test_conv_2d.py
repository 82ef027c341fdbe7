"""CONV_2D gives the golden bytes for every shape, stride, dilation, padding, group and scale."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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


def case(lib, rng):
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    inputs = groups * int(rng.integers(1, 9))
    outputs = groups * int(rng.integers(1, 7))
    size = tuple(int(item) for item in rng.integers(1, 5, 2))
    image, stride, dilation, padding, result = window(rng, size)
    batches = int(rng.choice([1, 1, 2]))
    x = lib.any_tensor(rng, (batches, *map(int, image), inputs))
    shape = (outputs, *size, inputs // groups)
    per_channel = rng.integers(2)
    scale = 2.0 ** rng.uniform(-9, -3, outputs if per_channel else 1)
    weights = lib.tensor(
        shape, scale=scale, data=rng.integers(-127, 128, shape) if rng.integers(4) else 127
    )
    bias = lib.tensor(
        (outputs,),
        "int32",
        scale=x.quantization.scales[0] * np.float32(scale),
        data=rng.integers(-5000, 5000, outputs),
    )
    out = lib.any_tensor(rng, (batches, *map(int, result), outputs), low=-6, high=4)
    options = {
        "padding": padding,
        "stride_h": int(stride[0]),
        "stride_w": int(stride[1]),
        "dilation_h_factor": int(dilation[0]),
        "dilation_w_factor": int(dilation[1]),
        "fused_activation_function": int(rng.integers(4)),
    }
    return Node("CONV_2D", [x, weights, bias if rng.integers(4) else None], [out], options)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=30, max_size=40))
@settings(max_examples=2, deadline=None, derandomize=True)
def test_every_convolution_is_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
