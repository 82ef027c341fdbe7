"""BATCH_MATMUL gives the golden bytes, transposed and broadcast in every way."""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng):
    rows, depth, columns = (int(item) for item in rng.integers(1, 8, 3))
    batches = tuple(rng.integers(1, 4, rng.integers(0, 3)).tolist())
    turned = [bool(item) for item in rng.integers(2, size=2)]
    kept = [tuple(n if rng.integers(3) else 1 for n in batches) for _ in range(2)]
    one = (depth, rows) if turned[0] else (rows, depth)
    two = (columns, depth) if turned[1] else (depth, columns)
    first, second = (
        lib.any_tensor(rng, shape, low=-6, high=-2)
        for shape in ((*kept[0], *one), (*kept[1], *two))
    )
    if rng.integers(3) == 0:
        second.data = lib.random_values(rng, "int8", second.shape)
    out = lib.any_tensor(rng, (*np.broadcast_shapes(*kept), rows, columns), low=-5, high=1)
    options = {"adj_x": turned[0], "adj_y": turned[1]}
    return Node("BATCH_MATMUL", [first, second], [out], options)


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_product_is_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
