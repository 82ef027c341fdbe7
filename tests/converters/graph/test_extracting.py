"""A part of a graph computes what the whole does, from tensors in between."""

import numpy as np

from edgekit.converters.graph import read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.extracting import extract
from edgekit.runtime.interpreter import open_interpreter


def whole():
    builder = GraphBuilder()
    x, z = (Value(name, (4,), DataType.FLOAT32) for name in "xz")
    builder.inputs = [x, z]
    two = builder.constant(np.full(1, 2.0, np.float32), "two")
    doubled = builder.emit("MUL", [x, two], (4,), name="doubled")
    total = builder.emit("ADD", [doubled, z], (4,), name="total")
    builder.emit("ABS", [z], (4,), name="other")
    builder.outputs = [builder.emit("NEG", [total], (4,), name="y")]
    return builder.finish()


def run(graph, **values):
    interpreter, _ = open_interpreter(write_graph(graph))
    for slot in interpreter.get_input_details():
        interpreter.set_tensor(slot["index"], np.array(values[slot["name"]], np.float32))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tolist()


def names(graph, indices):
    return [graph.main.tensors[index].name for index in indices]


def test_it_begins_at_what_is_given():
    part = extract(whole(), {"doubled"}, "y")
    assert names(part, part.main.inputs) == ["z", "doubled"]
    assert [item.kind for item in part.main.operators] == ["ADD", "NEG"]
    assert run(read_graph(write_graph(part)), doubled=[1, 2, 3, 4], z=[1, 1, 1, 1]) == [
        -2,
        -3,
        -4,
        -5,
    ]


def test_what_is_wanted_is_computed_even_where_it_is_given():
    part = extract(whole(), {"doubled", "total"}, "doubled")
    assert names(part, part.main.inputs) == ["x"]
    assert run(part, x=[1, 2, 3, 4]) == [2, 4, 6, 8]


def test_without_given_tensors_it_begins_at_the_inputs():
    part = extract(whole(), (), "total")
    assert names(part, part.main.inputs) == ["x", "z"]
    assert [item.kind for item in part.main.operators] == ["MUL", "ADD"]
