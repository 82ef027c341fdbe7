"""Transpositions with a reshape in between become one; the values stay the same."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import helper

from edgekit.converters.lowering.passes.movements import _joined

GENERATOR = np.random.default_rng(0)


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs, [output], **attributes)


@pytest.mark.parametrize("size", [4, 8])
def test_patches_are_cut_out_in_one_transposition(lower, make_model, size):
    """What MobileViT does, with sizes that collide."""
    half = size // 2
    nodes = [
        node("Conv", ["x", "w"], "c", kernel_shape=[1, 1]),
        node("Reshape", ["c", "rows"], "r"),
        node("Transpose", ["r"], "t", perm=[0, 2, 1, 3]),
        node("Reshape", ["t", "patches"], "p"),
        node("Transpose", ["p"], "q", perm=[2, 1, 0]),
        node("MatMul", ["q", "d"], "y"),
    ]
    constants = {
        "w": GENERATOR.standard_normal((4, 4, 1, 1)).astype(np.float32),
        "d": GENERATOR.standard_normal((4, 6)).astype(np.float32),
        "rows": np.array([4 * half, 2, half, 2]),
        "patches": np.array([4, half * half, 4]),
    }
    lowered = lower(make_model(nodes, {"x": (1, 4, size, size)}, ["y"], constants))
    # One for the picture's own order, where the harness gives channels first.
    assert lowered.count("TRANSPOSE") <= 1


shapes = st.lists(st.sampled_from([1, 2, 3, 4]), min_size=1, max_size=4).map(tuple)


@settings(max_examples=300, deadline=None)
@given(source=shapes, other=shapes, data=st.data())
def test_a_joined_transposition_moves_the_same_data(source, other, data):
    rest = math.prod(source) / math.prod(other)
    assume(rest == int(rest))
    outer = (*other, int(rest))
    first = tuple(data.draw(st.permutations(range(len(source)))))
    second = tuple(data.draw(st.permutations(range(len(outer)))))
    inner = tuple(source[axis] for axis in first)
    joined = _joined(source, first, inner, outer, second)
    if joined is None:
        return
    shape, order = joined
    values = np.arange(math.prod(source))
    expected = values.reshape(source).transpose(first).reshape(outer).transpose(second)
    assert values.reshape(shape).transpose(order).ravel().tolist() == expected.ravel().tolist()


@pytest.mark.parametrize(
    ("inner", "outer", "joins"),
    [((4, 6), (2, 2, 6), True), ((4, 6), (8, 3), True), ((4, 6), (6, 4), False)],
)
def test_only_shapes_with_common_axes_are_joined(inner, outer, joins):
    last = (*range(1, len(outer)), 0)
    assert (_joined((6, 4), (1, 0), inner, outer, last) is not None) is joins
