"""Joined loops visit the same elements in the same order."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.c.loops import Loops, affine_steps, broadcast_loops, merged

sizes = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def visited(loops):
    """Return where each tensor is at each turn of the innermost loop."""
    turns = itertools.product(*(range(size) for size in loops.sizes))
    return [
        tuple(sum(i * step for i, step in zip(turn, steps, strict=True)) for steps in loops.steps)
        for turn in turns
    ]


@given(sizes, st.data())
def test_joining_changes_nothing_that_is_visited(shape, data):
    steps = [
        tuple(data.draw(st.lists(st.integers(-3, 9), min_size=len(shape), max_size=len(shape))))
        for _ in range(2)
    ]
    loops = Loops(tuple(shape), tuple(steps))
    assert visited(merged(loops)) == visited(loops)
    assert visited(merged(loops).padded(6)) == visited(loops)


@given(sizes, st.data())
def test_broadcasting_is_numpys(shape, data):
    inputs = []
    for _ in range(2):
        kept = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        inputs.append(tuple(n if keep else 1 for n, keep in zip(shape, kept, strict=True)))
    loops = broadcast_loops(shape, *inputs)
    numbers = [np.arange(np.prod(item)).reshape(item) for item in inputs]
    wanted = [np.broadcast_to(item, shape).ravel().tolist() for item in numbers]
    assert visited(loops) == list(zip(*wanted, strict=True))


def test_one_shape_is_one_loop():
    assert broadcast_loops((2, 3, 4), (2, 3, 4)) == Loops((24,), ((1,),))


def test_steps_of_a_grid():
    grid = np.arange(24).reshape(2, 3, 4)
    assert affine_steps(grid[:, ::-1, 1:]) == (9, (12, -4, 1))
    assert affine_steps(np.array([0, 1, 3])) is None
