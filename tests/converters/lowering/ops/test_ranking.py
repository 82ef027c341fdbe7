"""TopK, ArgMax and ArgMin against onnxruntime, ties included."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

TIES = np.random.default_rng(0).integers(0, 3, (1, 4, 4, 4)).astype(np.float32)
W = np.eye(4, dtype=np.float32)[:, :, None, None]


def after_a_convolution(*nodes):
    return [helper.make_node("Conv", ["x", "w"], ["c"]), *nodes]


@pytest.mark.parametrize("kind", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("last", [0, 1])
def test_arguments(lower, make_model, kind, axis, keepdims, last):
    attributes = {"axis": axis, "keepdims": keepdims, "select_last_index": last}
    nodes = after_a_convolution(helper.make_node(kind, ["c"], ["y"], **attributes))
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"w": W})
    assert lower(model, samples=[{"x": TIES}]).count("TRANSPOSE") == 0


def test_arguments_of_narrow_integers(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["x"], ["n"], to=2),
        helper.make_node("ArgMax", ["n"], ["y"], axis=1),
    ]
    x = np.array([[1, 200, 3], [250, 7, 251]], np.int32)
    lower(make_model(nodes, {"x": x}, ["y"]), samples=[{"x": x}])


@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize("largest", [0, 1])
@pytest.mark.parametrize("outputs", [["y", "i"], ["y"], ["i"]])
def test_top_k(lower, make_model, axis, largest, outputs):
    attributes = {"axis": axis, "largest": largest}
    nodes = after_a_convolution(helper.make_node("TopK", ["c", "k"], ["y", "i"], **attributes))
    constants = {"w": W, "k": np.array([3])}
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, outputs, constants)
    lower(model, samples=[{"x": TIES}])


def test_a_computed_count_is_refused(lower, make_model):
    nodes = [
        helper.make_node("TopK", ["x", "k"], ["v", "i"]),
        helper.make_node("Relu", ["v"], ["y"]),
    ]
    model = make_model(nodes, {"x": (3,), "k": np.zeros(1, np.int64)}, ["y"])
    with pytest.raises(RefusedError, match="depends on 'k', computed"):
        lower(model)
