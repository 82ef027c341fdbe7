"""L2_NORMALIZATION gives the golden bytes."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng):
    shape = tuple(rng.integers(1, 30, rng.integers(1, 4)).tolist())
    x = lib.any_tensor(rng, shape)
    out = lib.tensor(shape, scale=1 / 128, zero_point=0)
    return Node("L2_NORMALIZATION", [x], [out], {"fused_activation_function": 0})


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_row_is_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
