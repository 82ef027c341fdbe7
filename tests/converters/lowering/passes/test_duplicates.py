"""The same operator on the same values is computed once."""

import numpy as np
import pytest

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.passes.duplicates import share_duplicates


def build(second):
    builder = GraphBuilder()
    x = Value("x", (2, 3), DataType.FLOAT32)
    builder.inputs = [x]
    order = builder.integers((1, 0), "order")
    first = builder.emit("TRANSPOSE", [x, order], (3, 2), flag=1)
    other = second(builder, x)
    builder.outputs = [
        builder.emit("NEG", [first], first.shape),
        builder.emit("ABS", [other], other.shape),
    ]
    return builder


def test_equal_operators_become_one():
    builder = build(
        lambda b, x: b.emit("TRANSPOSE", [x, b.integers((1, 0), "again")], (3, 2), flag=1)
    )
    assert share_duplicates(builder)
    assert [node.kind for node in builder.nodes] == ["TRANSPOSE", "NEG", "ABS"]
    assert builder.nodes[2].inputs == builder.nodes[1].inputs


@pytest.mark.parametrize(
    "second",
    [
        lambda b, x: b.emit("TRANSPOSE", [x, b.integers((1, 0), "o")], (3, 2), flag=2),
        lambda b, x: b.emit("TRANSPOSE", [x, b.integers((0, 1), "o")], (2, 3), flag=1),
        lambda b, x: b.emit("TRANSPOSE", [x, None], (3, 2), flag=1),
    ],
)
def test_different_operators_stay(second):
    assert not share_duplicates(build(second))


def test_outputs_stay_tensors_of_their_own():
    builder = GraphBuilder()
    x = Value("x", (2,), DataType.FLOAT32)
    builder.inputs = [x]
    builder.outputs = [builder.emit("NEG", [x], (2,)) for _ in range(2)]
    assert not share_duplicates(builder)


def test_large_constants_are_not_compared():
    builder = GraphBuilder()
    x = Value("x", (2000,), DataType.FLOAT32)
    builder.inputs = [x]
    data = np.ones(2000, np.float32)
    sums = [builder.emit("ADD", [x, builder.constant(data, "c")], (2000,)) for _ in range(2)]
    builder.outputs = [builder.emit("MUL", sums, (2000,))]
    assert not share_duplicates(builder)
