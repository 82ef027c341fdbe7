"""FULLY_CONNECTED gives the golden bytes, per tensor and per channel."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, dtype, bias, *, per_channel):
    rows, inputs, outputs = (int(item) for item in rng.integers((1, 1, 1), (4, 70, 20)))
    if dtype == "int8":
        x = lib.any_tensor(rng, (rows, inputs))
        out = lib.any_tensor(rng, (rows, outputs), low=-6, high=4)
    else:
        x, out = (
            lib.tensor((rows, size), dtype, scale=lib.random_scale(rng, -14, -8))
            for size in (inputs, outputs)
        )
    scale = 2.0 ** rng.uniform(-9, -3, outputs if per_channel else 1)
    shape = (outputs, inputs)
    weights = lib.tensor(shape, scale=scale, data=rng.integers(-127, 128, shape))
    biases = lib.tensor(
        (outputs,),
        bias,
        scale=x.quantization.scales[0] * np.float32(scale),
        data=rng.integers(-5000, 5000, outputs),
    )
    options = {"fused_activation_function": int(rng.integers(4)), "weights_format": 0}
    inputs = [x, weights, biases if rng.integers(4) else None]
    return Node("FULLY_CONNECTED", inputs, [out], options)


@pytest.mark.parametrize(
    ("dtype", "bias", "per_channel"),
    [("int8", "int32", False), ("int8", "int32", True), ("int16", "int64", False)],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_dense_layer_is_golden(c_libraries, dtype, bias, per_channel, seeds):
    c_libraries.assert_cases_golden(
        lambda rng: case(c_libraries, rng, dtype, bias, per_channel=per_channel), seeds
    )
