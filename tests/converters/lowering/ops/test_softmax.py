"""Softmax, LogSoftmax and Hardmax against onnxruntime, along every axis, old and new."""

import numpy as np
import pytest
from onnx import helper

_KINDS = ["Softmax", "LogSoftmax", "Hardmax"]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
@pytest.mark.parametrize("opset", [11, 13])
def test_axes(lower, make_model, kind, axis, opset):
    node = helper.make_node(kind, ["x"], ["y"], axis=axis)
    lower(make_model([node], {"x": (4, 4, 4, 4)}, ["y"], opset=opset))


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("rank", [1, 2, 3, 5, 6])
def test_ranks(lower, make_model, kind, opset, rank):
    options = {"axis": 0} if rank == 1 else {}
    node = helper.make_node(kind, ["x"], ["y"], **options)
    lower(make_model([node], {"x": (2, 3, 2, 3, 2, 4)[-rank:]}, ["y"], opset=opset))


def test_channels_need_no_transposition(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("Softmax", ["h"], ["y"], axis=1),
    ]
    weights = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32)
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"w": weights})
    assert lower(model).kinds == ["CONV_2D", "SOFTMAX"]


def test_the_first_of_equals_wins(lower, make_model):
    x = np.array([[1, 3, 3, 2], [0, 0, 0, 0]], np.float32)
    model = make_model([helper.make_node("Hardmax", ["x"], ["y"])], {"x": x}, ["y"])
    lower(model, samples=[{"x": x}])
