"""Relu, its relatives and Clip against onnxruntime."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError
from edgekit.runtime.interpreter import Kernels

_CONV = helper.make_node("Conv", ["x", "w"], ["h"])
_WEIGHTS = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32) * 4
_WITHOUT_REFERENCE = tuple(item for item in Kernels if item is not Kernels.REFERENCE)


def _after_convolution(make_model, node, constants=None):
    return make_model(
        [_CONV, node], {"x": (1, 4, 4, 4)}, ["y"], {"w": _WEIGHTS, **(constants or {})}
    )


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("Relu", {}, ["CONV_2D"]),
        ("LeakyRelu", {"alpha": 0.2}, ["CONV_2D", "LEAKY_RELU"]),
        ("ThresholdedRelu", {"alpha": 0.7}, ["CONV_2D", "GREATER", "SELECT_V2"]),
    ],
)
def test_rectifiers(lower, make_model, kind, options, expected):
    model = _after_convolution(make_model, helper.make_node(kind, ["h"], ["y"], **options))
    assert lower(model).kinds == expected


@pytest.mark.parametrize("kind", ["Elu", "Celu", "Selu"])
@pytest.mark.parametrize("options", [{}, {"alpha": 0.5}, {"alpha": 2.0}])
def test_exponential_units(lower, make_model, kind, options):
    model = _after_convolution(make_model, helper.make_node(kind, ["h"], ["y"], **options))
    lower(model, kernels=_WITHOUT_REFERENCE)  # which have no ELU


def test_a_celu_that_is_undefined_is_refused(lower, make_model):
    with pytest.raises(RefusedError, match="alpha"):
        lower(_after_convolution(make_model, helper.make_node("Celu", ["h"], ["y"], alpha=-1.0)))


@pytest.mark.parametrize("shape", [(1,), (4, 1, 1), (1, 4, 1, 1), (4,), (4, 4, 4), (1, 1, 1)])
def test_prelu_slopes(lower, make_model, shape):
    slope = np.random.default_rng(1).uniform(0.1, 0.5, shape).astype(np.float32)
    node = helper.make_node("PRelu", ["h", "s"], ["y"])
    lowered = lower(_after_convolution(make_model, node, {"s": slope}))
    assert lowered.kinds == ["CONV_2D", "LEAKY_RELU" if slope.size == 1 else "PRELU"]


def test_computed_slopes(lower, make_model):
    node = helper.make_node("PRelu", ["x", "s"], ["y"])
    lower(make_model([node], {"x": (2, 4, 4, 4), "s": (4, 1, 1)}, ["y"]))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 6.0, []),
        (0.0, None, []),
        (0.0, 1.0, ["MINIMUM"]),
        (-1.0, 1.0, ["MAXIMUM", "MINIMUM"]),
        (None, 2.0, ["MINIMUM"]),
        (1.0, -1.0, ["MAXIMUM", "MINIMUM"]),
        (-np.inf, 2.0, ["MINIMUM"]),
    ],
)
def test_clip(lower, make_model, low, high, expected):
    constants = {
        name: np.array(value, np.float32)
        for name, value in (("low", low), ("high", high))
        if value is not None
    }
    inputs = ["h", *(name if name in constants else "" for name in ("low", "high"))]
    node = helper.make_node("Clip", inputs, ["y"])
    lowered = lower(_after_convolution(make_model, node, constants))
    assert lowered.kinds == ["CONV_2D", *expected]


def test_clip_by_attributes(lower, make_model):
    node = helper.make_node("Clip", ["x"], ["y"], min=0.0, max=6.0)
    assert lower(make_model([node], {"x": (4, 4)}, ["y"], opset=10)).kinds == ["RELU6"]


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.int64])
def test_computed_limits(lower, make_model, dtype):
    x = np.arange(-6, 6, dtype=dtype).reshape(3, 4)
    samples = [{"x": x, "low": np.array(-2, dtype), "high": np.array(3, dtype)}]
    node = helper.make_node("Clip", ["x", "low", "high"], ["y"])
    lower(make_model([node], samples[0], ["y"]), samples=samples)
