"""What only passes a tensor on is gone before lowering, and what does not stays."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

SHAPE = (2, 3)


def test_chains_of_them_leave_nothing(lower, make_model):
    nodes = [
        helper.make_node("Identity", ["x"], ["a"]),
        helper.make_node("Cast", ["a"], ["b"], to=TensorProto.FLOAT),
        helper.make_node("CastLike", ["b", "x"], ["c"]),
        helper.make_node("Dropout", ["c"], ["d"]),
        helper.make_node("Relu", ["d"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": SHAPE}, ["y"])).kinds == ["RELU"]


def test_a_conversion_to_another_type_stays(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], to=TensorProto.INT32),
        helper.make_node("Cast", ["a"], ["y"], to=TensorProto.FLOAT),
    ]
    assert lower(make_model(nodes, {"x": SHAPE}, ["y"])).kinds == ["CAST", "CAST"]


def test_one_that_makes_an_output_gives_it(lower, make_model):
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Identity", ["a"], ["y"]),
        helper.make_node("Neg", ["y"], ["z"]),
    ]
    main = lower(make_model(nodes, {"x": SHAPE}, ["y", "z"])).graph.main
    assert [main.tensors[index].name for index in main.outputs] == ["y", "z"]


@pytest.mark.parametrize("opset", [12, 13, 22])
def test_the_mask_of_a_dropout_outside_of_training_is_all_true(lower, make_model, opset):
    nodes = [helper.make_node("Dropout", ["x"], ["y", "mask"])]
    lower(make_model(nodes, {"x": SHAPE}, ["y", "mask"], opset=opset))


def test_a_dropout_in_training_mode_is_refused(lower, make_model):
    nodes = [helper.make_node("Dropout", ["x", "ratio", "mode"], ["y"], name="drop")]
    constants = {"ratio": np.array(0.5, np.float32), "mode": np.ones((), np.bool_)}
    with pytest.raises(RefusedError, match="training mode"):
        lower(make_model(nodes, {"x": SHAPE}, ["y"], constants))


def test_a_mask_that_the_specification_leaves_open_is_refused(lower, make_model):
    nodes = [helper.make_node("Dropout", ["x"], ["y", "mask"])]
    with pytest.raises(RefusedError, match="mask before opset 12"):
        lower(make_model(nodes, {"x": SHAPE}, ["y", "mask"], opset=11))


def test_a_mask_that_nobody_reads_is_no_matter(lower, make_model):
    nodes = [
        helper.make_node("Dropout", ["x"], ["a", "mask"]),
        helper.make_node("Relu", ["a"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": SHAPE}, ["y"], opset=9)).kinds == ["RELU"]
