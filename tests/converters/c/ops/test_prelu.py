"""PRELU gives the golden bytes for every slope."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng):
    shape = tuple(rng.integers(1, 6, 4).tolist())
    slopes = {0: shape[1:], 1: (1, 1, shape[3]), 2: (1, 1, 1)}[int(rng.integers(3))]
    x, out = (lib.any_tensor(rng, shape, low=-6, high=-2) for _ in range(2))
    alpha = lib.tensor(
        slopes,
        scale=lib.random_scale(rng),
        zero_point=lib.random_point(rng),
        data=lib.random_values(rng, "int8", slopes),
    )
    return Node("PRELU", [x, alpha], [out], {})


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_slope_is_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
