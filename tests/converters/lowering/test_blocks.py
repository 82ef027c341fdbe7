"""Which axis orders pass through a reshape, against NumPy on every order."""

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.lowering.blocks import (
    ReshapeBlocks,
    merged_transpose,
    place_units,
    without_units,
)

sizes = st.lists(st.integers(1, 3), min_size=0, max_size=5).map(tuple)


@st.composite
def reshapes(draw):
    """Two shapes of the same size."""
    factors = draw(st.lists(st.integers(1, 3), max_size=5))

    def grouped():
        cuts = sorted(draw(st.lists(st.integers(0, len(factors)), max_size=4)))
        bounds = itertools.pairwise([0, *cuts, len(factors)])
        return tuple(math.prod(factors[a:b]) for a, b in bounds)

    return grouped(), grouped()


@given(reshapes(), st.randoms())
def test_an_order_that_passes_gives_the_same_data(shapes, random):
    before, after = shapes
    blocks = ReshapeBlocks.of(before, after)
    data = np.arange(math.prod(before))
    axes = list(range(len(before)))
    random.shuffle(axes)
    out = blocks.order_after(tuple(axes))
    if out is None:
        return
    have = data.reshape(before).transpose(axes).reshape(-1)
    want = data.reshape(after).transpose(out).reshape(-1)
    np.testing.assert_array_equal(have, want)
    assert blocks.order_before(out) == without_units(tuple(axes), before)


@given(reshapes())
def test_the_source_order_always_passes(shapes):
    before, after = shapes
    blocks = ReshapeBlocks.of(before, after)
    assert blocks.order_after(tuple(range(len(before)))) == tuple(range(len(after)))


def test_channels_last_passes_where_spatial_axes_merge():
    blocks = ReshapeBlocks.of((1, 4, 4, 4), (1, 4, 16))
    assert blocks.order_after((0, 2, 3, 1)) == (0, 2, 1)
    assert blocks.order_before((0, 2, 1)) == (2, 3, 1)


def test_flattening_channels_last_does_not_pass():
    blocks = ReshapeBlocks.of((2, 4, 4, 4), (2, 64))
    assert blocks.order_after((0, 2, 3, 1)) is None
    assert blocks.sorted_inside((0, 2, 3, 1)) == (0, 1, 2, 3)


def test_a_block_that_is_torn_apart_has_no_least_order():
    blocks = ReshapeBlocks.of((2, 3, 4, 5), (2, 3, 20))
    assert blocks.sorted_inside((2, 1, 3, 0)) is None


def test_axes_of_size_1_go_where_a_known_order_has_them():
    assert place_units((1, 3), (1, 4, 1, 4)) == (0, 1, 2, 3)
    assert place_units((3, 1), (1, 4, 1, 4)) == (0, 2, 3, 1)
    assert place_units((2, 0), (4, 1, 4)) == (2, 0, 1)


@given(sizes, st.randoms())
def test_merged_transpositions_move_the_same_data(shape, random):
    order = list(range(len(shape)))
    random.shuffle(order)
    fewer, moved = merged_transpose(shape, tuple(order))
    data = np.arange(math.prod(shape))
    want = data.reshape(shape).transpose(order).reshape(-1)
    np.testing.assert_array_equal(data.reshape(fewer).transpose(moved).reshape(-1), want)
    assert 1 not in fewer
    assert len(fewer) <= len(shape)
