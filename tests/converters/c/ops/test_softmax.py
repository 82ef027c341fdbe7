"""SOFTMAX gives the golden bytes for every scale and beta."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.c import COptions, generate_c
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
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_softmax_is_golden(c_libraries, source, target, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, source, target), seeds)


def test_a_thousand_equal_classes_have_nothing_each(c_libraries, tmp_path):
    # The golden interpreter ends the process here: its shift leaves 31 bits.
    x = c_libraries.tensor((1, 1000), scale=0.1)
    out = c_libraries.tensor((1, 1000), scale=2.0**-8, zero_point=-128)
    model = c_libraries.model_of([Node("SOFTMAX", [x], [out], {"beta": 1.0})])
    [host] = c_libraries.load([generate_c(model, COptions("m"))], tmp_path, "-fsanitize=undefined")
    assert (host.run(np.zeros((1, 1000)))[0] == -128).all()
