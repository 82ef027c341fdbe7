"""Pow, Reciprocal and Mod against onnxruntime."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

_POSITIVE = np.linspace(0.1, 3.0, 16, dtype=np.float32).reshape(4, 4)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (2.0, ["MUL"]),
        (3.0, ["MUL", "MUL"]),
        (4.0, ["MUL", "MUL"]),
        (1.0, ["RESHAPE"]),
        (0.5, ["SQRT"]),
        (-0.5, ["RSQRT"]),
        (-1.0, ["DIV"]),
        (-2.0, ["MUL", "DIV"]),
        (2.5, ["POW"]),
        (0.0, ["POW"]),
    ],
)
def test_known_exponents(lower, make_model, exponent, expected):
    constants = {"e": np.array(exponent, np.float32)}
    model = make_model(
        [helper.make_node("Pow", ["x", "e"], ["y"])], {"x": _POSITIVE}, ["y"], constants
    )
    assert lower(model, samples=[{"x": _POSITIVE}]).kinds == expected


def test_computed_exponents(lower, make_model):
    sample = {"x": _POSITIVE, "e": np.linspace(-2, 2, 4, dtype=np.float32)}
    model = make_model([helper.make_node("Pow", ["x", "e"], ["y"])], sample, ["y"])
    lower(model, samples=[sample])


@pytest.mark.parametrize("exponent", [2, 5])
def test_integers(lower, make_model, exponent):
    x = np.arange(-4, 4, dtype=np.int32)
    constants = {"e": np.array(exponent, np.int32)}
    model = make_model([helper.make_node("Pow", ["x", "e"], ["y"])], {"x": x}, ["y"], constants)
    lower(model, samples=[{"x": x}])


def test_integers_to_unknown_powers_are_refused(lower, make_model):
    x = np.ones(4, np.int32)
    model = make_model([helper.make_node("Pow", ["x", "e"], ["y"])], {"x": x, "e": x}, ["y"])
    with pytest.raises(RefusedError, match="not known whole numbers"):
        lower(model)


def test_narrow_integers_are_refused(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["x"], ["c"], to=TensorProto.INT32),
        helper.make_node("Pow", ["c", "e"], ["y"]),
    ]
    model = make_model(nodes, {"x": (4,)}, ["y"], {"e": np.array([1.5], np.float32)})
    with pytest.raises(RefusedError, match="not known whole numbers"):
        lower(model)


def test_reciprocal(lower, make_model):
    model = make_model([helper.make_node("Reciprocal", ["x"], ["y"])], {"x": _POSITIVE}, ["y"])
    lower(model, samples=[{"x": _POSITIVE}])


@pytest.mark.parametrize("fmod", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.int64])
def test_remainders_of_every_sign(lower, make_model, fmod, dtype):
    if dtype == np.float32 and not fmod:
        pytest.skip("the specification of most opsets has no such remainder")
    x = np.array([-7, -6, -5, 5, 6, 7], dtype)
    divisor = np.array([3, -3, 2, -2, 4, -4], dtype)
    node = helper.make_node("Mod", ["x", "d"], ["y"], fmod=fmod)
    model = make_model([node], {"x": x}, ["y"], {"d": divisor})
    lower(model, samples=[{"x": x}])


@pytest.mark.parametrize("fmod", [0, 1])
def test_narrow_remainders(lower, make_model, fmod):
    x = np.array([-7, -6, 5, 7], np.int32)
    nodes = [
        helper.make_node("Cast", ["x"], ["c"], to=TensorProto.INT8),
        helper.make_node("Mod", ["c", "d"], ["m"], fmod=fmod),
        helper.make_node("Cast", ["m"], ["y"], to=TensorProto.INT32),
    ]
    constants = {"d": np.array([3, -4, -3, 4], np.int8)}
    lower(make_model(nodes, {"x": x}, ["y"], constants), samples=[{"x": x}])
