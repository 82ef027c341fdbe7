"""ARG_MAX and ARG_MIN find the golden positions."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, kind):
    shape = tuple(rng.integers(1, 7, rng.integers(1, 5)).tolist())
    axis = int(rng.integers(len(shape)))
    x = lib.any_tensor(rng, shape)
    out = lib.tensor(shape[:axis] + shape[axis + 1 :], "int32")
    where = lib.tensor((), "int32", data=axis - len(shape) if rng.integers(2) else axis)
    return Node(kind, [x, where], [out], {"output_type": 2})


@pytest.mark.parametrize("kind", ["ARG_MAX", "ARG_MIN"])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_axis_is_golden(c_libraries, kind, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, kind), seeds)
