"""Arithmetic, comparison and logic against onnxruntime, sizes chosen to collide."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

_CONV = helper.make_node("Conv", ["x", "w"], ["h"])
_WEIGHTS = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32)


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div", "Max", "Min"])
@pytest.mark.parametrize("shape", [(), (1,), (4,), (4, 1), (4, 1, 1), (1, 4, 1, 1), (4, 4, 4)])
@pytest.mark.parametrize("swapped", [False, True])
def test_constants_broadcast_over_channels_last_data(lower, make_model, kind, shape, swapped):
    values = np.random.default_rng(1).uniform(0.5, 2.0, shape).astype(np.float32)
    operands = ["c", "h"] if swapped else ["h", "c"]
    nodes = [_CONV, helper.make_node("Exp", ["h"], ["e"]), helper.make_node(kind, operands, ["y"])]
    nodes[2].input[operands.index("h")] = "e"
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"w": _WEIGHTS, "c": values})
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("shape", [(), (4,), (4, 1), (4, 4), (4, 1, 1), (1, 4, 1, 4), (2, 4, 4, 4)])
@pytest.mark.parametrize("kind", ["Add", "Less", "Max"])
def test_computed_operands_broadcast(lower, make_model, kind, shape):
    nodes = [_CONV, helper.make_node(kind, ["h", "z"], ["y"])]
    lower(make_model(nodes, {"x": (2, 4, 4, 4), "z": shape}, ["y"], {"w": _WEIGHTS}))


@pytest.mark.parametrize("kind", ["Sum", "Mean", "Max", "Min"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_operands(lower, make_model, kind, count):
    names = ["a", "b", "c"][:count]
    shapes = dict(zip(names, [(4, 4), (4,), (3, 1, 4)], strict=False))
    lower(make_model([helper.make_node(kind, names, ["y"])], shapes, ["y"]))


@pytest.mark.parametrize("kind", ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.int64])
def test_comparisons(lower, make_model, kind, dtype):
    a, b = np.arange(-4, 4, dtype=dtype).reshape(2, 4), np.array([-4, 0, 0, 3], dtype)
    model = make_model([helper.make_node(kind, ["a", "b"], ["y"])], {"a": a, "b": b}, ["y"])
    lower(model, samples=[{"a": a, "b": b}])


@pytest.mark.parametrize("kind", ["And", "Or", "Xor", "Equal"])
def test_logic(lower, make_model, kind):
    a, b = np.array([[False], [True]]), np.array([False, True])
    model = make_model([helper.make_node(kind, ["a", "b"], ["y"])], {"a": a, "b": b}, ["y"])
    lower(model, samples=[{"a": a, "b": b}])


def test_integers_are_divided_towards_zero(lower, make_model):
    a, b = np.array([-7, -6, 7, 6], np.int32), np.array([2, 4, 4, 7], np.int32)
    model = make_model([helper.make_node("Div", ["a", "b"], ["y"])], {"a": a}, ["y"], {"b": b})
    lower(model, samples=[{"a": a}])


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul"])
@pytest.mark.parametrize("to", [TensorProto.INT8, TensorProto.UINT8])
def test_narrow_integers_wrap(lower, make_model, kind, to):
    a, b = np.array([100, 127, 3], np.int32), np.array([100, 1, 5], np.int32)
    nodes = [
        helper.make_node("Cast", ["a"], ["s"], to=to),
        helper.make_node("Cast", ["b"], ["t"], to=to),
        helper.make_node(kind, ["s", "t"], ["n"]),
        helper.make_node("Cast", ["n"], ["y"], to=TensorProto.INT32),
    ]
    lower(make_model(nodes, {"a": a, "b": b}, ["y"]), samples=[{"a": a, "b": b}])


def test_wide_floats_are_refused(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["a"], ["s"], to=TensorProto.DOUBLE),
        helper.make_node("Add", ["s", "s"], ["t"]),
        helper.make_node("Cast", ["t"], ["y"], to=TensorProto.FLOAT),
    ]
    with pytest.raises(RefusedError):
        lower(make_model(nodes, {"a": (4,)}, ["y"]))


def test_long_integers_are_not_divided(lower, make_model):
    a = np.arange(1, 5, dtype=np.int64)
    model = make_model([helper.make_node("Div", ["a", "c"], ["y"])], {"a": a}, ["y"], {"c": a})
    with pytest.raises(RefusedError, match="does not compute with int64"):
        lower(model)


def test_equality_with_infinity(lower, make_model):
    a = np.array([1.0, -np.inf, np.inf], np.float32)
    limit = np.array(-np.inf, np.float32)
    model = make_model(
        [helper.make_node("Equal", ["a", "c"], ["y"])], {"a": a}, ["y"], {"c": limit}
    )
    lower(model, samples=[{"a": a}])
