"""Reductions against onnxruntime, over every set of axes, in any order of the axes."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

_CONV = helper.make_node("Conv", ["x", "w"], ["h"])
_WEIGHTS = np.random.default_rng(0).uniform(0.1, 1.0, (4, 4, 1, 1)).astype(np.float32)
_KINDS = [
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("axes", [[1], [2, 3], [-1], [0, 2], [0, 1, 2, 3]])
@pytest.mark.parametrize("keep", [0, 1])
def test_channels_last_data(lower, make_model, kind, axes, keep):
    nodes = [_CONV, helper.make_node(kind, ["h", "axes"], ["y"], keepdims=keep)]
    constants = {"w": _WEIGHTS, "axes": np.array(axes, np.int64)}
    model = make_model(nodes, {"x": (2, 4, 4, 4)}, ["y"], constants)
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("kind", _KINDS)
def test_axes_as_attributes(lower, make_model, kind):
    opset = 11
    node = helper.make_node(kind, ["x"], ["y"], axes=[1, 2], keepdims=0)
    lower(make_model([node], {"x": (4, 4, 4)}, ["y"], opset=opset))


@pytest.mark.parametrize("noop", [0, 1])
@pytest.mark.parametrize("kind", _KINDS)
def test_no_axes(lower, make_model, kind, noop):
    if noop and kind not in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum"):
        pytest.skip("onnxruntime leaves out what the specification still computes")
    node = helper.make_node(kind, ["x"], ["y"], noop_with_empty_axes=noop)
    lower(make_model([node], {"x": (4, 4)}, ["y"]))


def test_logarithm_of_a_sum(lower, make_model):
    x = np.linspace(0.1, 2.0, 16, dtype=np.float32).reshape(4, 4)
    node = helper.make_node("ReduceLogSum", ["x"], ["y"], axes=[0])
    model = make_model([node], {"x": x}, ["y"], opset=13)
    lower(model, samples=[{"x": x}])


def test_large_exponents_stay_finite(lower, make_model):
    x = np.array([[500.0, 501.0, -900.0, 0.0]], np.float32)
    node = helper.make_node("ReduceLogSumExp", ["x"], ["y"], axes=[1])
    lower(make_model([node], {"x": x}, ["y"], opset=13), samples=[{"x": x}])


@pytest.mark.parametrize("kind", ["ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean", "ReduceL1"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_integers(lower, make_model, kind, dtype):
    if kind == "ReduceL1" and dtype == np.int64:
        pytest.skip("onnxruntime has no such kernel")
    x = np.arange(-7, 9, dtype=dtype).reshape(4, 4)
    node = helper.make_node(kind, ["x", "axes"], ["y"], keepdims=0)
    constants = {"axes": np.array([1], np.int64)}
    lower(make_model([node], {"x": x}, ["y"], constants), samples=[{"x": x}])


@pytest.mark.parametrize("kind", ["ReduceMax", "ReduceMin"])
def test_truths(lower, make_model, kind):
    x = np.array([[True, False], [True, True], [False, False]])
    node = helper.make_node(kind, ["x", "axes"], ["y"])
    constants = {"axes": np.array([1], np.int64)}
    lower(make_model([node], {"x": x}, ["y"], constants), samples=[{"x": x}])


def test_computed_axes_are_refused(lower, make_model):
    axes = np.zeros(1, np.int64)
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=1)
    model = make_model([node], {"x": (4, 4), "axes": axes}, ["y"])
    declared = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("a", "b"))
    model.graph.output[0].CopyFrom(declared)
    with pytest.raises(RefusedError, match="computed while the model runs"):
        lower(model)
