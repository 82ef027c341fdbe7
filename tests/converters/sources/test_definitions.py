"""Operators of other domains get the function that defines them, or are refused by name."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.sources.base import SourceError
from edgekit.converters.sources.definitions import (
    add_definitions,
    defines,
    temporary_definitions,
)
from edgekit.converters.sources.onnx_reference import OnnxReference

TWICE = '<domain: "com.example", opset_import: ["" : 18]> Twice (x) => (y) { y = Add(x, x) }'
SCALED = """
<domain: "com.example", opset_import: ["" : 18, "com.example" : 1]>
Scaled <factor: float = 3.0> (x) => (y) {
    f = Constant <value_float: float = @factor> ()
    z = Mul(x, f)
    y = com.example.Twice(z)
}
"""


@pytest.fixture(autouse=True)
def forgotten():
    with temporary_definitions():
        yield


def model_of(*nodes, opset=18):
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.example", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=7)


def run(model):
    x = np.array([1, 2, 3], np.float32)
    return OnnxReference(model.SerializeToString()).run({"x": x})["y"].tolist()


def test_a_defined_operator_runs_with_what_it_needs():
    defines(TWICE)
    defines(SCALED)
    model = model_of(helper.make_node("Scaled", ["x"], ["y"], domain="com.example"))
    add_definitions(model)
    assert run(model) == [6, 12, 18]
    assert [function.name for function in model.functions] == ["Scaled", "Twice"]
    assert model.graph.node[0].attribute[0].f == 3.0


def test_given_attributes_stay():
    defines(TWICE)
    defines(SCALED)
    node = helper.make_node("Scaled", ["x"], ["y"], domain="com.example", factor=0.5)
    model = model_of(node)
    add_definitions(model)
    assert run(model) == [1, 2, 3]


def test_a_function_of_the_model_stays():
    from onnx import parser

    defines(TWICE)
    model = model_of(helper.make_node("Twice", ["x"], ["y"], domain="com.example"))
    model.ir_version = 9
    model.functions.append(parser.parse_function(TWICE.replace("Add", "Mul")))
    add_definitions(model)
    assert run(model) == [1, 4, 9]


def test_an_unknown_operator_is_refused_by_name():
    model = model_of(helper.make_node("Thrice", ["x"], ["y"], name="n", domain="com.example"))
    with pytest.raises(SourceError, match=r"Thrice 'n' of domain 'com\.example'") as caught:
        add_definitions(model)
    assert "--plugin" in caught.value.hint


def test_operators_of_onnxruntime_need_nothing():
    model = model_of(helper.make_node("QuickGelu", ["x"], ["y"], domain="com.microsoft"))
    add_definitions(model)
    assert not model.functions


@pytest.mark.parametrize("opset", [14, 18, 22])
def test_another_opset_in_which_the_operators_are_the_same(opset):
    defines(TWICE)
    model = model_of(helper.make_node("Twice", ["x"], ["y"], domain="com.example"), opset=opset)
    add_definitions(model)
    assert run(model) == [2, 4, 6]


def test_another_opset_in_which_an_operator_is_another_one():
    """Softmax worked on more than one axis until opset 13."""
    text = '<domain: "com.example", opset_import: ["" : 11]> Soft (x) => (y) { y = Softmax(x) }'
    defines(text)
    model = model_of(helper.make_node("Soft", ["x"], ["y"], domain="com.example"))
    with pytest.raises(SourceError, match=r"the Softmax of opset 11.*opset 18 changed"):
        add_definitions(model)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Twice (x) => (y)", "not an ONNX function"),
        ('<opset_import: ["" : 18]> Twice (x) => (y) { y = Add(x, x) }', "domain of its own"),
    ],
)
def test_what_is_no_definition(text, reason):
    with pytest.raises(TypeError, match=reason):
        defines(text)


def test_twice_is_once_too_often():
    defines(TWICE)
    with pytest.raises(TypeError, match=r"com\.example:Twice is defined already"):
        defines(TWICE)


def test_what_is_temporary_is_forgotten():
    with temporary_definitions():
        defines(TWICE)
    defines(TWICE)
