"""Reductions give the golden bytes over every set of axes."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, kind, dtype):
    shape = tuple(rng.integers(1, 7, rng.integers(1, 5)).tolist())
    axes = sorted(rng.permutation(len(shape))[: rng.integers(1, len(shape) + 1)].tolist())
    keep = bool(rng.integers(2))
    result = [1 if axis in axes else size for axis, size in enumerate(shape)]
    if not keep:
        result = [size for axis, size in enumerate(shape) if axis not in axes]
    if dtype == "int8":
        x = lib.any_tensor(rng, shape, low=-7, high=-1)
        out = lib.any_tensor(rng, result, low=-7, high=1)
    else:
        x, out = (lib.tensor(item, dtype, scale=lib.random_scale(rng)) for item in (shape, result))
    if kind.startswith("REDUCE"):
        out.quantization = x.quantization
    chosen = [axis - len(shape) if rng.integers(2) else axis for axis in axes]
    inputs = [x, lib.tensor((len(axes),), "int32", data=chosen)]
    return Node(kind, inputs, [out], {"keep_dims": keep})


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("MEAN", "int8"),
        ("MEAN", "int16"),
        ("SUM", "int8"),
        ("SUM", "int16"),
        ("REDUCE_MAX", "int8"),
        ("REDUCE_MIN", "int8"),
    ],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_reduction_is_golden(c_libraries, kind, dtype, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, kind, dtype), seeds)
