"""Operators on two tensors give the golden bytes, with and without broadcasting."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def shapes(rng):
    """Return an output shape and those of two inputs that are broadcast to it."""
    output = tuple(rng.integers(1, 5, rng.integers(1, 5)).tolist())
    inputs = []
    for _ in range(2):
        kept = rng.integers(3, size=len(output)) > 0
        shape = tuple(size if keep else 1 for size, keep in zip(output, kept, strict=True))
        inputs.append(shape[int(rng.integers(len(shape))) :] if rng.integers(3) == 0 else shape)
    if rng.integers(3) == 0:
        inputs = [output, output]
    return np.broadcast_shapes(*inputs), *inputs


def case(lib, rng, kind, dtype="int8"):
    result, *inputs = shapes(rng)
    if dtype == "int8":
        first, second = (lib.any_tensor(rng, shape, low=-6, high=-2) for shape in inputs)
        out = lib.any_tensor(rng, result, low=-6, high=1)
    else:
        first, second, out = (
            lib.tensor(shape, dtype, scale=lib.random_scale(rng, -14, -10))
            for shape in (*inputs, result)
        )
    if kind in ("MAXIMUM", "MINIMUM"):
        second.quantization = out.quantization = first.quantization
    if rng.integers(3) == 0:
        second.data = lib.random_values(rng, dtype, second.shape)
    options = {}
    if kind in ("ADD", "SUB", "MUL"):
        options["fused_activation_function"] = int(rng.integers(4))
    return Node(kind, [first, second], [out], options)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("ADD", "int8"),
        ("ADD", "int16"),
        ("SUB", "int8"),
        ("SUB", "int16"),
        ("MUL", "int8"),
        ("MUL", "int16"),
        ("MAXIMUM", "int8"),
        ("MINIMUM", "int8"),
        ("SQUARED_DIFFERENCE", "int8"),
    ],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_broadcast_is_golden(c_libraries, kind, dtype, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, kind, dtype), seeds)
