"""SVDF gives the golden bytes, also of what it remembers from one run to the next."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, dtype):
    batches, inputs, units, rank, memory = (int(n) for n in rng.integers(1, (3, 9, 6, 4, 8)))
    filters = units * rank
    x = lib.any_tensor(rng, (batches, inputs))
    out = lib.any_tensor(rng, (batches, units), low=-4, high=4)
    shape = (filters, inputs)
    features = lib.tensor(shape, scale=2.0**-7, data=rng.integers(-127, 128, shape))
    shape = (filters, memory)
    limit = 127 if dtype == "int8" else 2000
    times = lib.tensor(shape, dtype, scale=2.0**-9, data=rng.integers(-limit, limit + 1, shape))
    state = lib.tensor((batches, filters * memory), dtype, scale=2.0**-4)
    state.is_variable = True
    bias = lib.tensor(
        (units,),
        "int32",
        scale=np.float32(2.0**-13),
        data=rng.integers(-5000, 5000, units),
    )
    options = {"rank": rank, "fused_activation_function": 1, "asymmetric_quantize_inputs": False}
    return Node("SVDF", [x, features, times, bias, state], [out], options)


@pytest.mark.parametrize("dtype", ["int8", "int16"])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_memory_is_golden(c_libraries, dtype, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, dtype), seeds, runs=12)
