"""Operators over the elements of one tensor against onnxruntime."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.runtime.interpreter import Kernels

_NOT_REFERENCE = ("Ceil", "Round")  # for which there is no reference kernel
_POSITIVE = {"x": np.linspace(0.1, 8.0, 64, dtype=np.float32).reshape(1, 4, 4, 4)}


@pytest.mark.parametrize(
    "kind", "Abs Ceil Cos Exp Floor HardSwish Neg Round Sigmoid Sign Sin Tanh".split()
)
def test_functions(lower, make_model, kind):
    x = np.arange(-16, 16, dtype=np.float32).reshape(2, 1, 4, 4) / 4
    model = make_model([helper.make_node(kind, ["x"], ["y"])], {"x": x}, ["y"])
    known = [item for item in Kernels if kind not in _NOT_REFERENCE or item != Kernels.REFERENCE]
    lower(model, samples=[{"x": x}], kernels=known)


@pytest.mark.parametrize("kind", ["Log", "Sqrt"])
def test_functions_of_positive_numbers(lower, make_model, kind):
    model = make_model([helper.make_node(kind, ["x"], ["y"])], _POSITIVE, ["y"])
    lower(model, samples=[_POSITIVE])


@pytest.mark.parametrize("kind", ["Abs", "Neg", "Sign", "Relu"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_integers(lower, make_model, kind, dtype):
    x = np.arange(-4, 4, dtype=dtype)
    to = helper.np_dtype_to_tensor_dtype(np.dtype(np.int32))
    nodes = [helper.make_node("Cast", ["x"], ["c"], to=to), helper.make_node(kind, ["c"], ["y"])]
    lower(make_model(nodes, {"x": x}, ["y"]), samples=[{"x": x}])


def test_logical_not(lower, make_model):
    x = np.array([True, False])
    lower(make_model([helper.make_node("Not", ["x"], ["y"])], {"x": x}, ["y"]), samples=[{"x": x}])


@pytest.mark.parametrize("options", [{}, {"detect_negative": 0}, {"detect_positive": 0}])
@pytest.mark.parametrize("kind", ["IsInf", "IsNaN"])
def test_special_numbers(lower, make_model, kind, options):
    x = np.array([1.0, np.nan, np.inf, -np.inf], np.float32)
    node = helper.make_node(kind, ["x"], ["y"], **(options if kind == "IsInf" else {}))
    lower(make_model([node], {"x": x}, ["y"]), samples=[{"x": x}])


def test_narrow_integers(lower, make_model):
    x = np.array([-128, -1, 0, 127], np.int32)
    nodes = [
        helper.make_node("Cast", ["x"], ["c"], to=TensorProto.INT8),
        helper.make_node("Abs", ["c"], ["a"]),
        helper.make_node("Cast", ["a"], ["y"], to=TensorProto.INT32),
    ]
    lower(make_model(nodes, {"x": x}, ["y"]), samples=[{"x": x}])


def test_a_scalar(lower, make_model):
    lower(make_model([helper.make_node("Tanh", ["x"], ["y"])], {"x": ()}, ["y"]))


def test_dropout_does_nothing(lower, make_model):
    nodes = [helper.make_node("Dropout", ["x"], ["d"]), helper.make_node("Tanh", ["d"], ["y"])]
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"])).kinds == ["TANH"]
