"""Concat and Split against onnxruntime, on pictures and in the source's order."""

import numpy as np
import pytest
from onnx import helper

W = np.random.default_rng(3).standard_normal((4, 4, 1, 3)).astype(np.float32)


def conv(source, target):
    return helper.make_node("Conv", [source, "w"], [target], pads=[0, 1, 0, 1])


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -3])
def test_concat_of_pictures_keeps_channels_last(lower, make_model, axis):
    nodes = [
        conv("x", "a"),
        helper.make_node("Concat", ["a", "c", "x"], ["b"], axis=axis),
        helper.make_node("Relu", ["b"], ["y"]),
    ]
    constants = {"w": W, "c": np.ones((4, 4, 4, 4), np.float32)}
    lowered = lower(make_model(nodes, {"x": (4, 4, 4, 4)}, ["y"], constants))
    assert lowered.kinds == ["CONV_2D", "CONCATENATION", "RELU"]


def test_constants_without_elements_are_left_out(lower, make_model):
    node = helper.make_node("Concat", ["e", "x", "x"], ["y"], axis=1)
    constants = {"e": np.zeros((2, 0), np.float32)}
    assert lower(make_model([node], {"x": (2, 3)}, ["y"], constants)).kinds == ["CONCATENATION"]


@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize(
    ("opset", "sizes", "kind"),
    [
        (11, None, "SPLIT"),
        (11, [1, 3], "SPLIT_V"),
        (13, [2, 2], "SPLIT"),
        (13, [3, 1], "SPLIT_V"),
        (18, None, "SPLIT"),
    ],
)
def test_split(lower, make_model, axis, opset, sizes, kind):
    attributes, constants, names = {"axis": axis}, {"w": W}, ["a"]
    if opset == 18:
        attributes["num_outputs"] = 2
    elif sizes and opset < 13:
        attributes["split"] = sizes
    elif sizes:
        constants["s"] = np.array(sizes, np.int64)
        names.append("s")
    nodes = [conv("x", "a"), helper.make_node("Split", names, ["y", "z"], **attributes)]
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y", "z"], constants, opset))
    assert lowered.kinds == ["CONV_2D", kind]


def test_unequal_parts_of_num_outputs(lower, make_model):
    node = helper.make_node("Split", ["x"], ["a", "b", "c"], num_outputs=3, axis=0)
    lowered = lower(make_model([node], {"x": (7, 2)}, ["a", "b", "c"], opset=18))
    assert lowered.kinds == ["SPLIT_V"]
