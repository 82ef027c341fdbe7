"""Where, Trilu and OneHot against onnxruntime."""

import numpy as np
import pytest
from onnx import helper

W = np.random.default_rng(3).standard_normal((4, 4, 1, 3)).astype(np.float32)


@pytest.mark.parametrize("shape", [(4, 4, 4, 4), (4, 1, 1), (4,), (1, 4, 1, 4), ()])
def test_where_broadcasts_over_pictures(lower, make_model, shape):
    condition = np.random.default_rng(0).integers(0, 2, shape).astype(np.bool_)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[0, 1, 0, 1]),
        helper.make_node("Where", ["k", "c", "z"], ["y"]),
    ]
    constants = {"w": W, "k": condition, "z": np.full((1, 1, 1, 1), -2.0, np.float32)}
    lowered = lower(make_model(nodes, {"x": (4, 4, 4, 4)}, ["y"], constants))
    assert lowered.kinds == ["CONV_2D", "SELECT_V2"]


def test_where_keeps_axes_that_only_constants_have(lower, make_model):
    node = helper.make_node("Where", ["k", "x", "z"], ["y"])
    constants = {"k": np.ones((1, 1, 3), np.bool_), "z": np.zeros((1, 1, 1, 3), np.float32)}
    lower(make_model([node], {"x": (3,)}, ["y"], constants))


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("offset", [None, -2, 0, 1, 9])
def test_triangles(lower, make_model, upper, offset):
    names, constants = ["x"], {}
    if offset is not None:
        names, constants = ["x", "k"], {"k": np.array(offset, np.int64)}
    node = helper.make_node("Trilu", names, ["y"], upper=upper)
    sample = {"x": np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)}
    sample["x"][0] = np.inf
    model = make_model([node], {"x": (2, 3, 4)}, ["y"], constants)
    lowered = lower(model, samples=[{"x": np.nan_to_num(sample["x"], posinf=3e38)}])
    assert lowered.kinds in (["SELECT_V2"], ["RESHAPE"])


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32])
@pytest.mark.parametrize("known", [True, False])
def test_one_hot(lower, make_model, axis, dtype, known):
    indices = np.array([[0, 3], [-1, -4], [4, -5]], dtype)
    choices = np.array([-1.5, 2.5], np.float32)
    inputs = {"i": indices} if known else {"i": indices, "v": choices}
    constants = {"d": np.array(4, np.float32 if dtype == np.float32 else np.int64)}
    constants |= {"v": choices} if known else {}
    node = helper.make_node("OneHot", ["i", "d", "v"], ["y"], axis=axis)
    if dtype == np.int32:  # onnxruntime has no such kernel
        nodes = [helper.make_node("Cast", ["i"], ["j"], to=7)]
        node.input[0] = "j"
    else:
        nodes = []
    lower(make_model([*nodes, node], inputs, ["y"], constants), samples=[inputs])
