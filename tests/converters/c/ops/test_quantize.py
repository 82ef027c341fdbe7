"""QUANTIZE and DEQUANTIZE give the golden bytes between all types that they take."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def scaled(lib, rng, dtype):
    if dtype == "float32":
        return lib.tensor((40,), dtype)
    zero = lib.random_point(rng) if dtype == "int8" else 0
    return lib.tensor((40,), dtype, scale=lib.random_scale(rng, -9, -1), zero_point=zero)


def case(lib, rng, source, target):
    kind = "DEQUANTIZE" if target == "float32" else "QUANTIZE"
    return Node(kind, [scaled(lib, rng, source)], [scaled(lib, rng, target)], {})


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("float32", "int8"),
        ("float32", "int16"),
        ("int8", "int8"),
        ("int8", "int16"),
        ("int8", "int32"),
        ("int16", "int8"),
        ("int16", "int16"),
        ("int16", "int32"),
        ("int32", "int8"),
        ("int32", "int16"),
        ("int8", "float32"),
        ("int16", "float32"),
    ],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_pair_of_types_is_golden(c_libraries, source, target, seeds):
    def small(item):
        # What stays within 32 bits after a multiplication; beyond, no interpreter is defined.
        rng = np.random.default_rng(len(item.name))
        values = c_libraries.random_values(rng, item.dtype, item.shape)
        return values // 2**13 if item.dtype == "int32" else values

    c_libraries.assert_cases_golden(
        lambda rng: case(c_libraries, rng, source, target), seeds, inputs=small
    )
