"""Operators on one int8 value give the golden byte for each of the 256."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node

EVERY = np.arange(-128, 128, dtype=np.int8)
FIXED_OUTPUT = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}


def case(lib, rng, kind):
    x = lib.any_tensor(rng, (256,), low=-7, high=-1)
    if kind in FIXED_OUTPUT:
        scale, zero = FIXED_OUTPUT[kind]
        out = lib.tensor((256,), scale=scale, zero_point=zero)
    elif kind == "RELU6":
        out = lib.tensor((256,))
        out.quantization = x.quantization
    elif kind == "HARD_SWISH":
        scale = x.quantization.scales[0] * 2.0 ** rng.uniform(-6, 2)
        out = lib.tensor((256,), scale=scale, zero_point=lib.random_point(rng))
    else:
        out = lib.any_tensor(rng, (256,), low=-7, high=1)
    if kind == "RSQRT":
        x.quantization = lib.tensor((1,), scale=lib.random_scale(rng), zero_point=-128).quantization
    options = {"alpha": float(rng.uniform(0, 1))} if kind == "LEAKY_RELU" else {}
    return Node(kind, [x], [out], options)


@pytest.mark.parametrize(
    "kind",
    ["ABS", "ELU", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "RELU", "RELU6", "RSQRT", "TANH"],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_value_is_golden(c_libraries, kind, seeds):
    c_libraries.assert_cases_golden(
        lambda rng: case(c_libraries, rng, kind), seeds, inputs=lambda _: EVERY
    )


def case_int16(lib, rng, kind):
    scale = float(rng.choice([2.0**-12, 2.0**-11, lib.random_scale(rng, -14, -9)]))
    x = lib.tensor((400,), "int16", scale=scale)
    result = 2.0**-15 if kind in FIXED_OUTPUT else lib.random_scale(rng, -15, -8)
    options = {"alpha": float(rng.uniform(0, 1))} if kind == "LEAKY_RELU" else {}
    return Node(kind, [x], [lib.tensor((400,), "int16", scale=result)], options)


@pytest.mark.parametrize("kind", ["LEAKY_RELU", "LOGISTIC", "RELU", "TANH"])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_values_of_16_bits_are_golden(c_libraries, kind, seeds):
    c_libraries.assert_cases_golden(lambda rng: case_int16(c_libraries, rng, kind), seeds)
