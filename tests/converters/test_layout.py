"""Which inputs carry channels on axis 1, and which axis went where."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgekit.bundle import Layout
from edgekit.converters.layout import channels_last_inputs, layout_of, matching_axes

EXACT = 0.0


@pytest.fixture
def graph(small_models):
    """Build a model of nodes over inputs x (and y); outputs are whatever it ends with."""

    def build(shapes, *nodes):
        made = [small_models.node(*item[:3], **dict(item[3:])) for item in nodes]
        constants = {"w": np.zeros((3, 3, 1, 1), np.float32), "c": np.zeros(1, np.float32)}
        return small_models.onnx_model(
            made, list(shapes.items()), [(made[-1].output[0], None)], constants
        )

    return build


@pytest.mark.parametrize(
    ("shape", "node"),
    [
        ([1, 3, 3, 3], ("Conv", "x w", "y")),
        ([1, 3, 8, 9], ("MaxPool", "x", "y", ("kernel_shape", [2, 2]))),
        ([1, 5, 5], ("Conv", "x w", "y")),
        ([1, 4, 4], ("AveragePool", "x", "y", ("kernel_shape", [2]))),
        ([1, 2, 4, 4, 4], ("GlobalAveragePool", "x", "y")),
        ([1, 4, 2, 2], ("DepthToSpace", "x", "y", ("blocksize", 2))),
        ([1, 4, 4, 4], ("BatchNormalization", "x c c c c", "y")),
    ],
)
def test_operators_with_channels_on_axis_one_tell(graph, shape, node):
    assert channels_last_inputs(graph({"x": shape}, node)) == {"x"}


@pytest.mark.parametrize(
    ("shape", "nodes"),
    [
        ([1, 3, 3, 3], [("Relu", "x", "y")]),
        ([1, 6, 6], [("MatMul", "x c", "y")]),
        ([1, 6, 6], [("Transpose", "x", "t", ("perm", [0, 2, 1])), ("Conv", "t w", "y")]),
        ([1, 3, 8, 8], [("Reshape", "x c", "r"), ("Conv", "r w", "y")]),
        ([3, 8], [("BatchNormalization", "x c c c c", "y")]),
        ([3, 3, 1, 1], [("Conv", "y x", "z")]),  # as weights
        ([1, 9], [("Gather", "c x", "y")]),
    ],
)
def test_other_inputs_keep_their_axes(graph, shape, nodes):
    """The last node's data of the pictures y are an input too where it reads them."""
    assert "x" not in channels_last_inputs(graph({"x": shape}, *nodes))


def test_operators_that_move_nothing_are_looked_through(graph):
    model = graph(
        {"left": [1, 3, 6, 6], "right": [1, 3, 6, 6], "scale": [1]},
        ("Sub", "left c", "a"),
        ("Div", "a scale", "b"),
        ("Concat", "right b", "both", ("axis", 1)),
        ("Slice", "both c c", "part"),
        ("Split", "part", "one two", ("num_outputs", 2), ("axis", 1)),
        ("Conv", "two w", "y"),
    )
    assert channels_last_inputs(model) == {"left", "right"}


def test_names_of_axis_orders():
    assert layout_of((0, 2, 3, 1)) is Layout.NHWC
    assert layout_of((0, 2, 1)) is Layout.NWC
    assert layout_of((0, 2, 3, 4, 1)) is Layout.NDHWC
    assert layout_of((0, 1, 2, 3)) is Layout.SOURCE
    assert layout_of(()) is Layout.SOURCE
    assert layout_of((1, 0)) is Layout.PERMUTED
    assert layout_of((0, 3, 1, 2)) is Layout.PERMUTED


def shapes(max_side=3):
    return hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=max_side)


def same_data(shape, one, other):
    """Whether two orders read any array of this shape in the same sequence."""
    positions = np.arange(int(np.prod(shape))).reshape(shape)
    moved = [positions.transpose(order) for order in (one, other)]
    return moved[0].shape == moved[1].shape and np.array_equal(*moved)


@given(st.data(), shapes())
def test_the_true_order_is_found_and_only_it(data, shape):
    """On values that are all different: one order, up to where axes of size 1 stand."""
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    source = [
        np.random.default_rng(seed).permutation(int(np.prod(shape))).reshape(shape)
        for seed in (0, 1)
    ]
    lowered = [values.transpose(order) for values in source]
    found = matching_axes(source, lowered, tolerance=EXACT)
    assert len(found) == 1
    assert same_data(shape, found[0], order)


@given(st.data(), shapes(max_side=2))
def test_every_order_that_fits_is_found_where_values_collide(data, shape):
    """Against all permutations; each kind of data movement is there once."""
    source = [data.draw(hnp.arrays(np.int8, shape, elements=st.integers(0, 1)))]
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    lowered = [source[0].transpose(order)]
    found = matching_axes(source, lowered, tolerance=EXACT)
    fitting = [
        other
        for other in itertools.permutations(range(len(shape)))
        if source[0].transpose(other).shape == lowered[0].shape
        and np.array_equal(source[0].transpose(other), lowered[0])
    ]
    assert set(found) <= set(fitting)
    for other in fitting:
        assert sum(same_data(shape, other, item) for item in found) == 1


def test_the_plainest_order_is_taken_where_axes_of_size_one_leave_several():
    values = [np.arange(5.0).reshape(1, 5, 1, 1)]
    lowered = [values[0].reshape(1, 1, 1, 5)]
    assert matching_axes(values, lowered, tolerance=EXACT) == [(0, 2, 3, 1)]
    assert matching_axes(values, values, tolerance=EXACT) == [(0, 1, 2, 3)]


def test_other_values_ranks_and_shapes_match_nothing():
    values = [np.arange(6.0).reshape(2, 3)]
    assert matching_axes(values, [values[0] + 1], tolerance=0.01) == []
    assert matching_axes(values, [values[0].ravel()], tolerance=0.01) == []
    assert matching_axes(values, [values[0].reshape(1, 6)], tolerance=0.01) == []


def test_one_sample_that_differs_is_enough():
    same, other = np.ones((2, 2)), np.arange(4.0).reshape(2, 2)
    assert len(matching_axes([same], [same], tolerance=EXACT)) == 2
    assert matching_axes([same, other], [same, other.T], tolerance=EXACT) == [(1, 0)]


def test_the_tolerance_is_relative_to_the_largest_value():
    values = [np.array([1000.0, 0.0])]
    assert matching_axes(values, [np.array([1000.0, 0.9])], tolerance=1e-3) == [(0,)]
    assert matching_axes(values, [np.array([1000.0, 1.1])], tolerance=1e-3) == []
    zeros = [np.zeros(3)]
    assert matching_axes(zeros, [np.full(3, 1e-4)], tolerance=1e-3) == [(0,)]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_equal_themselves(odd):
    values = [np.array([[1.0, odd], [2.0, 3.0]])]
    assert matching_axes(values, [values[0].T.copy()], tolerance=1e-3) == [(1, 0)]
    assert matching_axes(values, [np.nan_to_num(values[0])], tolerance=1e-3) == []
    assert matching_axes([np.nan_to_num(values[0])], values, tolerance=1e-3) == []
    assert matching_axes(values, [values[0] + [[0, 0], [0, 1]]], tolerance=1e-3) == []


def test_opposite_infinities_differ():
    assert matching_axes([np.array([np.inf])], [np.array([-np.inf])], tolerance=1e-3) == []


def test_scalars_booleans_and_nothing_at_all():
    assert matching_axes([np.float32(2).reshape(())], [np.array(2.0)], tolerance=EXACT) == [()]
    flags = [np.array([[True, False]])]
    assert matching_axes(flags, [flags[0].T], tolerance=EXACT) == [(1, 0)]
    assert matching_axes([np.zeros((0, 3))], [np.zeros((0, 3))], tolerance=EXACT) == [(0, 1)]
