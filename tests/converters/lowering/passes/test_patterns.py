"""Operators that together are one of TFLite's."""

import numpy as np
import pytest
from onnx import helper


def _number(value):
    return np.array(value, np.float32)


_NUMBERS = {"three": _number(3), "sixth": _number(1 / 6), "six": _number(6), "zero": _number(0)}
_SHIFTED = [
    helper.make_node("Add", ["x", "three"], ["a"]),
    helper.make_node("Clip", ["a", "zero", "six"], ["r"]),
]


@pytest.mark.parametrize(
    "products",
    [
        [("Mul", "r", "sixth", "g"), ("Mul", "x", "g", "y")],
        [("Div", "r", "six", "g"), ("Mul", "g", "x", "y")],
        [("Mul", "x", "r", "g"), ("Div", "g", "six", "y")],
        [("Mul", "r", "x", "g"), ("Mul", "sixth", "g", "y")],
        [("Mul", "x", "sixth", "g"), ("Mul", "g", "r", "y")],
    ],
)
def test_hard_swish(lower, make_model, products):
    nodes = [*_SHIFTED, *(helper.make_node(kind, [a, b], [c]) for kind, a, b, c in products)]
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"], _NUMBERS)).kinds == ["HARD_SWISH"]


@pytest.mark.parametrize("change", ["three", "sixth"])
def test_nearly_hard_swish(lower, make_model, change):
    nodes = [
        *_SHIFTED,
        helper.make_node("Mul", ["r", "sixth"], ["g"]),
        helper.make_node("Mul", ["x", "g"], ["y"]),
    ]
    numbers = {**_NUMBERS, change: _NUMBERS[change] + _number(0.01)}
    assert "HARD_SWISH" not in lower(make_model(nodes, {"x": (4, 4)}, ["y"], numbers)).kinds


def test_hard_sigmoid_times_its_input(lower, make_model):
    nodes = [
        helper.make_node("HardSigmoid", ["x"], ["g"], alpha=1 / 6, beta=0.5),
        helper.make_node("Mul", ["x", "g"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"])).kinds == ["HARD_SWISH"]


@pytest.mark.parametrize(("numerator", "expected"), [("one", ["RSQRT"]), ("z", ["RSQRT", "MUL"])])
def test_reciprocal_roots(lower, make_model, numerator, expected):
    nodes = [
        helper.make_node("Sqrt", ["x"], ["r"]),
        helper.make_node("Div", [numerator, "r"], ["y"]),
    ]
    x = np.linspace(0.1, 4, 16, dtype=np.float32).reshape(4, 4)
    inputs = {"x": x, **({"z": x} if numerator == "z" else {})}
    model = make_model(nodes, inputs, ["y"], {"one": _number(1)} if numerator == "one" else {})
    assert lower(model, samples=[inputs]).kinds == expected


def test_a_normalisation_written_out(lower, make_model):
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[-1]),
        helper.make_node("Sub", ["x", "m"], ["d"]),
        helper.make_node("Pow", ["d", "two"], ["s"]),
        helper.make_node("ReduceMean", ["s"], ["v"], axes=[-1]),
        helper.make_node("Add", ["v", "eps"], ["e"]),
        helper.make_node("Sqrt", ["e"], ["r"]),
        helper.make_node("Div", ["d", "r"], ["y"]),
    ]
    constants = {"two": _number(2), "eps": _number(1e-5)}
    model = make_model(nodes, {"x": (4, 4)}, ["y"], constants, opset=17)
    expected = ["MEAN", "SUB", "SQUARED_DIFFERENCE", "MEAN", "ADD", "RSQRT", "MUL"]
    assert sorted(lower(model, tolerance=1e-4).kinds) == sorted(expected)
