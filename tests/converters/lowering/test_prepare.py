"""Functions of a model are put in their place, unless there is a lowering for them."""

import pytest
from onnx import TensorProto, helper, parser

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.prepare import prepare
from edgekit.converters.lowering.registry import lowers, temporary_lowerings

TWICE = '<domain: "com.example", opset_import: ["" : {}]> Twice (x) => (y) {{ y = Add(x, x) }}'


def model_of(function):
    nodes = [
        helper.make_node("Twice", ["x"], ["h"], domain="com.example"),
        helper.make_node("Twice", ["h"], ["y"], domain="com.example"),
    ]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy"]
    graph = helper.make_graph(nodes, "model", values[:1], values[1:])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.example", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    model.functions.append(parser.parse_function(function))
    return model


@pytest.mark.parametrize("opset", [13, 17, 18])
def test_functions_are_put_in_their_place(opset):
    model = model_of(TWICE.format(opset))
    prepared = prepare(model)
    assert [node.op_type for node in prepared.graph.node] == ["Add", "Add"]
    assert not prepared.functions


def test_what_is_lowered_as_a_whole_stays():
    with temporary_lowerings():
        lowers("Twice", domain="com.example")(print)
        prepared = prepare(model_of(TWICE.format(18)))
    assert [node.op_type for node in prepared.graph.node] == ["Twice", "Twice"]
    assert [function.name for function in prepared.functions] == ["Twice"]


def test_a_model_with_functions_is_exact(lower):
    assert lower(model_of(TWICE.format(18))).kinds == ["ADD", "ADD"]


def test_nothing_changes_without_functions(make_model):
    model = make_model([helper.make_node("Relu", ["x"], ["y"])], {"x": (2,)}, ["y"])
    before = model.SerializeToString()
    assert prepare(model).SerializeToString() == before


@pytest.mark.parametrize("counting", ["NonZero", "Unique"])
def test_the_size_of_what_is_counted_is_no_constant(lower, make_model, counting):
    nodes = [
        helper.make_node(counting, ["x"], ["found"]),
        helper.make_node("Identity", ["found"], ["same"]),
        helper.make_node("Shape", ["same"], ["y"]),
    ]
    with pytest.raises(RefusedError, match=f"{counting} 'found' cannot be lowered"):
        lower(make_model(nodes, {"x": (4,)}, ["y"]))
