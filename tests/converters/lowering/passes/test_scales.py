"""Factors and terms per channel inside the weights and biases of what is before them."""

import numpy as np
import pytest
from onnx import helper

_RANDOM = np.random.default_rng(0)
_VECTOR = _RANDOM.uniform(0.5, 1.5, (4, 1, 1)).astype(np.float32)
_BEFORE = {
    "CONV_2D": (helper.make_node("Conv", ["x", "w"], ["h"]), (4, 4, 3, 3)),
    "DEPTHWISE_CONV_2D": (helper.make_node("Conv", ["x", "w"], ["h"], group=4), (4, 1, 3, 3)),
    "TRANSPOSE_CONV": (
        helper.make_node("ConvTranspose", ["x", "w"], ["h"], strides=[2, 2]),
        (4, 4, 2, 2),
    ),
}


def _chain(make_model, kind, nodes, constants=None, outputs=("y",)):
    before, shape = _BEFORE[kind]
    weights = _RANDOM.standard_normal(shape).astype(np.float32)
    known = {"w": weights, "v": _VECTOR, **(constants or {})}
    return make_model([before, *nodes], {"x": (1, 4, 4, 4)}, list(outputs), known)


@pytest.mark.parametrize("kind", _BEFORE)
@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("vector", [_VECTOR, np.array(0.5, np.float32), _VECTOR[None]])
def test_folding(lower, make_model, kind, operator, vector):
    node = helper.make_node(operator, ["h", "v"], ["y"])
    assert lower(_chain(make_model, kind, [node], {"v": vector})).kinds == [kind]


def test_a_difference_from_a_constant(lower, make_model):
    node = helper.make_node("Sub", ["v", "h"], ["y"])
    assert lower(_chain(make_model, "CONV_2D", [node])).kinds == ["CONV_2D"]


def test_a_quotient_of_a_constant_stays(lower, make_model):
    nodes = [helper.make_node("Exp", ["x"], ["e"]), helper.make_node("Div", ["v", "e"], ["y"])]
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"v": _VECTOR})
    assert lower(model).kinds == ["EXP", "DIV"]


def test_what_others_read_stays(lower, make_model):
    node = helper.make_node("Mul", ["h", "v"], ["y"])
    lowered = lower(_chain(make_model, "CONV_2D", [node], outputs=("y", "h")))
    assert lowered.kinds == ["CONV_2D", "MUL"]


def test_activations_stand_between(lower, make_model):
    nodes = [helper.make_node("Relu", ["h"], ["r"]), helper.make_node("Sub", ["r", "v"], ["y"])]
    assert lower(_chain(make_model, "CONV_2D", nodes)).kinds == ["CONV_2D", "SUB"]


def test_activations_behind_go_in_too(lower, make_model):
    nodes = [
        helper.make_node("Mul", ["h", "v"], ["m"]),
        helper.make_node("Add", ["m", "v"], ["a"]),
        helper.make_node("Relu", ["a"], ["y"]),
    ]
    assert lower(_chain(make_model, "CONV_2D", nodes)).kinds == ["CONV_2D"]


@pytest.mark.parametrize("shape", [(1, 4), (4, 4), (1, 1, 4, 4), (2, 4, 1, 1)])
def test_other_constants_stay(lower, make_model, shape):
    values = _RANDOM.standard_normal(shape).astype(np.float32)
    before, weights = helper.make_node("Conv", ["x", "w"], ["h"]), (4, 4, 1, 1)
    known = {"w": _RANDOM.standard_normal(weights).astype(np.float32), "v": values}
    nodes = [before, helper.make_node("Mul", ["h", "v"], ["y"])]
    assert lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], known)).kinds == ["CONV_2D", "MUL"]


@pytest.mark.parametrize("operator", ["BatchNormalization", "Mul"])
def test_one_spatial_axis(lower, make_model, operator):
    numbers = _VECTOR.reshape(4)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("BatchNormalization", ["h", *["v"] * 4], ["n"])
        if operator == "BatchNormalization"
        else helper.make_node("Mul", ["h", "c"], ["n"]),
        helper.make_node("Relu", ["n"], ["y"]),
    ]
    constants = {
        "w": _RANDOM.standard_normal((4, 4, 3)).astype(np.float32),
        "v": numbers,
        "c": numbers.reshape(4, 1),
    }
    lowered = lower(make_model(nodes, {"x": (1, 4, 8)}, ["y"], constants))
    assert [kind for kind in lowered.kinds if kind != "RESHAPE"] == ["CONV_2D"]
