"""SOFTMAX gives the golden bytes for every scale and beta."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, source, target):
    shape = (*tuple(rng.integers(1, 5, rng.integers(0, 3)).tolist()), int(rng.integers(1, 40)))
    if source == "int8":
        x = lib.any_tensor(rng, shape, low=-8, high=2)
    else:
        x = lib.tensor(shape, source, scale=lib.random_scale(rng, -14, -8))
    scale, zero = {
        ("int8", "int8"): (2.0**-8, -128),
        ("int16", "int16"): (2.0**-15, 0),
    }[source, target]
    out = lib.tensor(shape, target, scale=scale, zero_point=zero)
    return Node("SOFTMAX", [x], [out], {"beta": float(rng.choice([1.0, 0.5, 2.0]))})


@pytest.mark.parametrize(("source", "target"), [("int8", "int8"), ("int16", "int16")])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=30, max_size=40))
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_softmax_is_golden(c_libraries, source, target, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, source, target), seeds)
