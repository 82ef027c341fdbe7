"""Comparisons, logical operators and choices give the golden bytes."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def broadcast(rng, count):
    """Return an output shape and shapes that are broadcast to it."""
    whole = tuple(rng.integers(1, 5, rng.integers(1, 5)).tolist())
    shapes = []
    for _ in range(count):
        kept = rng.integers(3, size=len(whole)) > 0
        shapes.append(tuple(n if keep else 1 for n, keep in zip(whole, kept, strict=True)))
    return np.broadcast_shapes(*shapes), shapes


def compare(lib, rng, kind):
    result, shapes = broadcast(rng, 2)
    inputs = [lib.any_tensor(rng, shape, low=-6, high=-2) for shape in shapes]
    return Node(kind, inputs, [lib.tensor(result, "bool")], {})


def logical(lib, rng, kind):
    result, shapes = broadcast(rng, 1 if kind == "LOGICAL_NOT" else 2)
    inputs = [lib.tensor(shape, "bool") for shape in shapes]
    return Node(kind, inputs, [lib.tensor(result, "bool")], {})


def choose(lib, rng, kind):
    result, shapes = broadcast(rng, 3)
    dtype = str(rng.choice(["int8", "int16"]))
    tensors = [lib.tensor(shape, dtype, scale=0.5) for shape in (*shapes[1:], result)]
    return Node(kind, [lib.tensor(shapes[0], "bool"), *tensors[:2]], tensors[2:], {})


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (compare, "EQUAL"),
        (compare, "NOT_EQUAL"),
        (compare, "GREATER"),
        (compare, "GREATER_EQUAL"),
        (compare, "LESS"),
        (compare, "LESS_EQUAL"),
        (logical, "LOGICAL_AND"),
        (logical, "LOGICAL_OR"),
        (logical, "LOGICAL_NOT"),
        (choose, "SELECT_V2"),
    ],
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_choice_is_golden(c_libraries, case, kind, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng, kind), seeds)
