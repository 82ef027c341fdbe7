"""Slices as ranges, to TFLite's operators and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.ranges import ranges_of, slice_operator


@st.composite
def slices(draw):
    """A size and a range that selects something of it."""
    size = draw(st.integers(1, 6))
    start = draw(st.integers(0, size - 1))
    step = draw(st.sampled_from([-3, -2, -1, 1, 2, 3]))
    count = draw(st.integers(1, 6))
    stop = None if start + step * count < 0 else start + step * count
    return size, range(size)[start:stop:step]


def node_of(builder, kind, inputs, options, shape):
    return Node(kind, inputs, [Value("y", shape, DataType.FLOAT32)], options)


@given(st.lists(slices(), min_size=1, max_size=5))
def test_there_and_back(items):
    builder = GraphBuilder()
    value = Value("x", tuple(size for size, _ in items), DataType.FLOAT32)
    ranges = [item for _, item in items]
    kind, bounds, options = slice_operator(builder, ranges)
    shape = tuple(len(item) for item in ranges)
    found = ranges_of(node_of(builder, kind, [value, *bounds], options, shape))
    assert found is not None
    assert [list(item) for item in found] == [list(item) for item in ranges]


@pytest.mark.parametrize(
    ("kind", "numbers", "options"),
    [
        ("RELU", [], {}),
        ("SLICE", [[-1], [1]], {}),
        ("SLICE", [[0], [-1]], {}),
        ("STRIDED_SLICE", [[0], [-1], [1]], {}),
        ("STRIDED_SLICE", [[0], [3], [1]], {"begin_mask": 1}),
    ],
)
def test_what_is_written_in_another_way_is_left_alone(kind, numbers, options):
    builder = GraphBuilder()
    value = Value("x", (4,), DataType.FLOAT32)
    inputs = [value, *(builder.integers(item, "n") for item in numbers)]
    assert ranges_of(node_of(builder, kind, inputs, options, (3,))) is None


def test_computed_bounds_are_left_alone():
    builder = GraphBuilder()
    value = Value("x", (4,), DataType.FLOAT32)
    start = Value("s", (1,), DataType.INT32)
    inputs = [value, start, builder.integers((1,), "n")]
    assert ranges_of(node_of(builder, "SLICE", inputs, {}, (1,))) is None
