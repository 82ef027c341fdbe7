"""Choosing rows by indices gives the golden bytes."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def gather(lib, rng):
    shape = tuple(rng.integers(1, 6, rng.integers(1, 5)).tolist())
    axis, chosen = int(rng.integers(len(shape))), tuple(rng.integers(1, 5, rng.integers(1, 3)))
    x = lib.any_tensor(rng, shape)
    indices = lib.tensor(chosen, "int32", data=rng.integers(0, shape[axis], chosen))
    out = lib.tensor((*shape[:axis], *map(int, chosen), *shape[axis + 1 :]))
    out.quantization = x.quantization
    return Node("GATHER", [x, indices], [out], {"axis": axis, "batch_dims": 0})


def embedding(lib, rng):
    rows, width, count = (int(size) for size in rng.integers(1, 9, 3))
    indices = lib.tensor((count,), "int32", data=rng.integers(0, rows, count))
    table = lib.tensor((rows, width), scale=0.5, data=lib.random_values(rng, "int8", (rows, width)))
    out = lib.tensor((count, width), scale=0.5)
    return Node("EMBEDDING_LOOKUP", [indices, table], [out], {})


@pytest.mark.parametrize("case", [gather, embedding])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_choice_is_golden(c_libraries, case, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
