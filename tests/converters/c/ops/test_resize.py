"""Resizing gives the golden bytes, by every rule for where pixels lie."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng, kind, dtype):
    batches, height, width, channels = (int(item) for item in rng.integers(1, 6, 4))
    result = rng.integers(1, 12, 2)
    x = lib.tensor((batches, height, width, channels), dtype, scale=0.5, zero_point=0)
    out = lib.tensor((batches, *map(int, result), channels), dtype, scale=0.5, zero_point=0)
    aligned, centers = [(False, False), (True, False), (False, True)][int(rng.integers(3))]
    options = {"align_corners": aligned, "half_pixel_centers": centers}
    return Node(kind, [x, lib.tensor((2,), "int32", data=result)], [out], options)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("RESIZE_NEAREST_NEIGHBOR", "int8"),
        ("RESIZE_NEAREST_NEIGHBOR", "int16"),
        ("RESIZE_BILINEAR", "int8"),
    ],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_size_is_golden(c_libraries, kind, dtype, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, kind, dtype), seeds)
