"""Graphs are built, taken apart and changed."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value


@pytest.fixture
def builder():
    """X -> RELU -> ADD(c) -> y, and an operator that nobody needs."""
    made = GraphBuilder()
    x = Value("x", (2, 3), DataType.FLOAT32)
    made.inputs.append(x)
    active = made.emit("RELU", [x], x.shape, name="t", origin="Relu 'r'")
    made.emit("TANH", [x], x.shape, name="unused")
    constant = made.constant(np.float32([1, 2, 3]), "c")
    total = made.emit("ADD", [active, constant], x.shape, name="t", fused_activation_function=1)
    made.outputs.append(total)
    return made


def test_names_are_made_unique_and_the_interface_is_kept(builder):
    main = builder.finish().main

    assert [main.tensors[index].name for index in main.inputs] == ["x"]
    assert [main.tensors[index].name for index in main.outputs] == ["t"]
    assert len({tensor.name for tensor in main.tensors}) == len(main.tensors)
    assert [op.kind for op in main.operators] == ["RELU", "TANH", "ADD"]
    assert main.operators[2].options == {"fused_activation_function": 1}
    assert main.operators[2].options_type == "AddOptions"


def test_what_nobody_needs_is_removed_once(builder):
    assert builder.remove_dead()
    assert [node.kind for node in builder.nodes] == ["RELU", "ADD"]
    assert not builder.remove_dead()


def test_a_value_is_replaced_wherever_it_is_read(builder):
    relu, _, add = builder.nodes
    builder.replace(relu.outputs[0], builder.inputs[0])

    assert add.inputs[0] is builder.inputs[0]
    builder.replace(builder.outputs[0], relu.outputs[0])
    assert builder.outputs == relu.outputs


def test_readers_and_writers_are_found(builder):
    relu, tanh, add = builder.nodes
    assert builder.consumers()[builder.inputs[0]] == [relu, tanh]
    assert builder.producers()[builder.outputs[0]] is add


def test_a_graph_taken_apart_is_the_same_graph_again(builder):
    graph = read_graph(write_graph(builder.finish()))

    again = GraphBuilder.of(graph, {"t_1": "Relu 'r'"})

    assert again.finish().main == graph.main
    assert next(value.origin for node in again.nodes for value in node.outputs) == "Relu 'r'"
    (constant,) = [v for v in again.nodes[2].reads() if v.is_constant]
    np.testing.assert_array_equal(constant.data, np.float32([1, 2, 3]))
