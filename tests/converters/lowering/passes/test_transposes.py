"""Chains of transpositions become one."""

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.passes.transposes import join_transposes, permutation_of


def chain(shape, *orders):
    builder = GraphBuilder()
    value = Value("x", shape, DataType.FLOAT32)
    builder.inputs = [value]
    for order in orders:
        permutation = builder.integers(order, "permutation")
        sizes = [value.shape[axis] for axis in order]
        value = builder.emit("TRANSPOSE", [value, permutation], sizes)
    builder.outputs = [value]
    while join_transposes(builder):
        builder.remove_dead()
    return builder


def test_two_become_one():
    (node,) = chain((2, 3, 4), (0, 2, 1), (2, 0, 1)).nodes
    assert permutation_of(node) == (1, 0, 2)


def test_there_and_back_moves_nothing():
    (node,) = chain((2, 3, 4), (1, 2, 0), (2, 0, 1)).nodes
    assert node.kind == "RESHAPE"


def test_axes_of_size_1_are_reshaped():
    (node,) = chain((1, 3, 1, 4), (0, 2, 1, 3)).nodes
    assert node.kind == "RESHAPE"
    assert node.options["new_shape"] == (1, 1, 3, 4)


def test_a_computed_order_is_left_alone():
    builder = GraphBuilder()
    x, order = Value("x", (2, 3), DataType.FLOAT32), Value("o", (2,), DataType.INT32)
    builder.inputs = [x, order]
    builder.outputs = [builder.emit("TRANSPOSE", [x, order], (3, 2))]
    assert not join_transposes(builder)
