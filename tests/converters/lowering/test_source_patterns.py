"""Patterns of the source that become one operator, as exporters write them."""

import math

import numpy as np
import pytest
from onnx import helper


def _number(value):
    return np.array(value, np.float32)


def _erf_gelu(order):
    """Write out GELU by erf, multiplied in one of several orders."""
    nodes = [
        helper.make_node("Div", ["x", "root"], ["scaled"]),
        helper.make_node("Erf", ["scaled"], ["erf"]),
        helper.make_node("Add", ["erf", "one"], ["sum"]),
    ]
    products = {
        "x first": [("x", "sum", "product"), ("product", "half", "y")],
        "half first": [("half", "sum", "product"), ("x", "product", "y")],
        "half of x": [("x", "half", "halved"), ("halved", "sum", "y")],
    }[order]
    nodes += [helper.make_node("Mul", [a, b], [c]) for a, b, c in products]
    return nodes, {"root": _number(math.sqrt(2)), "one": _number(1), "half": _number(0.5)}


@pytest.mark.parametrize("order", ["x first", "half first", "half of x"])
def test_gelu(lower, make_model, order):
    nodes, constants = _erf_gelu(order)
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"], constants)).kinds == ["GELU"]


def test_gelu_with_a_divisor(lower, make_model):
    nodes, constants = _erf_gelu("x first")
    nodes[-1] = helper.make_node("Div", ["product", "two"], ["y"])
    model = make_model(nodes, {"x": (4, 4)}, ["y"], {**constants, "two": _number(2)})
    assert lower(model).kinds == ["GELU"]


@pytest.mark.parametrize("change", ["root", "one", "half"])
def test_nearly_gelu_stays_what_it_is(lower, make_model, change):
    nodes, constants = _erf_gelu("x first")
    constants[change] = constants[change] + _number(0.01)
    assert "MUL" in lower(make_model(nodes, {"x": (4, 4)}, ["y"], constants)).kinds


def test_gelu_whose_parts_others_read_stays(lower, make_model):
    nodes, constants = _erf_gelu("x first")
    assert len(lower(make_model(nodes, {"x": (4, 4)}, ["y", "sum"], constants)).kinds) > 1


@pytest.mark.parametrize("cube", ["pow", "products", "square"])
def test_gelu_by_tanh(lower, make_model, cube):
    nodes = {
        "pow": [helper.make_node("Pow", ["x", "three"], ["cube"])],
        "products": [
            helper.make_node("Mul", ["x", "x"], ["square"]),
            helper.make_node("Mul", ["square", "x"], ["cube"]),
        ],
        "square": [
            helper.make_node("Pow", ["x", "two"], ["square"]),
            helper.make_node("Mul", ["x", "square"], ["cube"]),
        ],
    }[cube]
    nodes += [
        helper.make_node("Mul", ["cube", "weight"], ["weighted"]),
        helper.make_node("Add", ["x", "weighted"], ["inner"]),
        helper.make_node("Mul", ["inner", "factor"], ["scaled"]),
        helper.make_node("Tanh", ["scaled"], ["tanh"]),
        helper.make_node("Add", ["tanh", "one"], ["sum"]),
        helper.make_node("Mul", ["x", "half"], ["halved"]),
        helper.make_node("Mul", ["halved", "sum"], ["y"]),
    ]
    numbers = {"two": 2, "three": 3, "weight": 0.044715, "one": 1, "half": 0.5}
    constants = {name: _number(value) for name, value in numbers.items()}
    constants["factor"] = _number(math.sqrt(2 / math.pi))
    model = make_model(nodes, {"x": (4, 4)}, ["y"], constants)
    assert lower(model).kinds == ["GELU"]


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_group_normalization(lower, make_model, groups):
    random = np.random.default_rng(0)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("Reshape", ["h", "split"], ["g"]),
        helper.make_node("InstanceNormalization", ["g", "ones", "zeros"], ["n"]),
        helper.make_node("Reshape", ["n", "back"], ["r"]),
        helper.make_node("Mul", ["r", "scale"], ["m"]),
        helper.make_node("Add", ["m", "bias"], ["y"]),
    ]
    constants = {
        "w": random.standard_normal((4, 4, 1, 1)).astype(np.float32),
        "split": np.array([0, groups, -1], np.int64),
        "back": np.array([2, 4, 4, 4], np.int64),
        "ones": random.uniform(0.5, 1.5, groups).astype(np.float32),
        "zeros": random.standard_normal(groups).astype(np.float32),
        "scale": random.uniform(0.5, 1.5, (4, 1, 1)).astype(np.float32),
        "bias": random.standard_normal((4, 1, 1)).astype(np.float32),
    }
    model = make_model(nodes, {"x": (2, 4, 4, 4)}, ["y"], constants)
    assert lower(model, tolerance=1e-4).count("TRANSPOSE") == 0
