"""Models that declare newer opsets than they need."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from edgekit.converters.sources.opset import declare_settled_opset

NEWEST = onnx.defs.onnx_opset_version()


def model_of(kind, opset, **attributes):
    graph = helper.make_graph(
        [helper.make_node(kind, ["x"], ["y"], **attributes)],
        "g",
        [helper.make_tensor_value_info("x", 1, (1, 4, 2, 2))],
        [helper.make_tensor_value_info("y", 1, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def declared(model):
    return model.opset_import[0].version


def test_an_old_operator_under_a_new_opset():
    model = model_of("Relu", NEWEST)
    declare_settled_opset(model)
    assert declared(model) == 23
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (result,) = session.run(None, {"x": np.full((1, 4, 2, 2), -1, np.float32)})
    assert not result.any()


@pytest.mark.parametrize("opset", [11, 17, 21])
def test_older_opsets_stay(opset):
    model = model_of("Relu", opset)
    declare_settled_opset(model)
    assert declared(model) == opset


def test_operators_inside_of_others_count():
    inner = model_of("Cast", 25, to=1).graph
    del inner.input[:]
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("c", 9, ()), helper.make_tensor_value_info("x", 1, None)],
        [helper.make_tensor_value_info("y", 1, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 26)])
    declare_settled_opset(model)
    assert declared(model) == 25


def test_unknown_operators_are_left_alone():
    model = model_of("Frobnicate", NEWEST)
    declare_settled_opset(model)
    assert declared(model) == NEWEST


@pytest.mark.skipif(NEWEST < 28, reason="this onnx has no opset 28")
def test_operators_beyond_the_reference_take_their_older_form_where_that_is_exact():
    model = model_of("DepthToSpace", 28, blocksize=2)
    declare_settled_opset(model)
    assert declared(model) == 26
    other = model_of("SpaceToDepth", 28, blocksize=2, mode="CRD")
    declare_settled_opset(other)
    assert declared(other) == 28
