"""Smooth activations against onnxruntime, far out and near zero."""

import numpy as np
import pytest
from onnx import helper

_WIDE = np.concatenate(
    [np.linspace(-100, 100, 101), np.linspace(-4, 4, 81), [0.0, 1e-6, -1e-6, 1e-3]]
).astype(np.float32)
_UNIT = np.linspace(-0.999, 0.999, 64, dtype=np.float32)


def _check(lower, make_model, node, x, opset=21, tolerance=1e-5):
    model = make_model([node], {"x": x}, ["y"], opset=opset)
    return lower(model, samples=[{"x": x}], tolerance=tolerance)


@pytest.mark.parametrize("kind", "Mish Softplus Softsign Erf Atan".split())
def test_over_the_whole_line(lower, make_model, kind):
    _check(lower, make_model, helper.make_node(kind, ["x"], ["y"]), _WIDE)


@pytest.mark.parametrize("kind", "Acos Asin Atanh Tan Sinh Cosh Asinh".split())
def test_over_the_unit_interval(lower, make_model, kind):
    _check(lower, make_model, helper.make_node(kind, ["x"], ["y"]), _UNIT)


def test_acosh(lower, make_model):
    x = np.linspace(1.0, 50.0, 64, dtype=np.float32)
    _check(lower, make_model, helper.make_node("Acosh", ["x"], ["y"]), x)


@pytest.mark.parametrize("mode", ["none", "tanh"])
def test_gelu(lower, make_model, mode):
    node = helper.make_node("Gelu", ["x"], ["y"], approximate=mode)
    assert _check(lower, make_model, node, _WIDE).kinds == ["GELU"]


@pytest.mark.parametrize(
    "options", [{}, {"alpha": 1 / 6, "beta": 0.5}, {"alpha": 0.3, "beta": 0.7}]
)
def test_hard_sigmoid(lower, make_model, options):
    node = helper.make_node("HardSigmoid", ["x"], ["y"], **options)
    _check(lower, make_model, node, _WIDE)


def test_swish_written_out(lower, make_model):
    nodes = [
        helper.make_node("Sigmoid", ["x"], ["s"]),
        helper.make_node("Mul", ["x", "s"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"])).kinds == ["LOGISTIC", "MUL"]
