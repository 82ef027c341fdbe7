"""MAX_POOL_2D gives the golden bytes for every window and stride."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node

VALID = 1


def case(lib, rng, dtype):
    size, stride, padding = rng.integers(1, 6, 2), rng.integers(1, 4, 2), int(rng.integers(2))
    image = rng.integers(1, 9, 2) + (size if padding == VALID else 0)
    result = (image - (size if padding == VALID else 1)) // stride + 1
    batches, channels = int(rng.integers(1, 3)), int(rng.integers(1, 9))
    if dtype == "int8":
        x = lib.any_tensor(rng, (batches, *map(int, image), channels))
    else:
        x = lib.tensor((batches, *map(int, image), channels), dtype, scale=2.0**-12)
    out = lib.tensor((batches, *map(int, result), channels), dtype)
    out.quantization = x.quantization
    options = {
        "padding": padding,
        "stride_h": int(stride[0]),
        "stride_w": int(stride[1]),
        "filter_height": int(size[0]),
        "filter_width": int(size[1]),
        "fused_activation_function": int(rng.choice([0, 1, 3])),
    }
    return Node("MAX_POOL_2D", [x], [out], options)


@pytest.mark.parametrize("dtype", ["int8", "int16"])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_pooling_is_golden(c_libraries, dtype, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, dtype), seeds)
