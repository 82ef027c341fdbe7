"""Long formulas of one tensor become one table, as exact as its output's grid."""

import numpy as np
import pytest
from onnx import helper

SHAPE = (1, 5, 8)


def node(kind, inputs=("x",), outputs=("y",)):
    return helper.make_node(kind, list(inputs), list(outputs), name=f"n_{outputs[0]}")


def uniform(low, high):
    return lambda generator: {"x": generator.uniform(low, high, SHAPE).astype(np.float32)}


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("Erf", -3, 3),
        ("Mish", -4, 4),
        ("Asin", -0.9, 0.9),
        ("Acos", -0.9, 0.9),
        ("Atan", -5, 5),
        ("Asinh", -5, 5),
        ("Atanh", -0.9, 0.9),
        ("Cosh", -2, 2),
        ("Sinh", -2, 2),
        ("Softsign", -3, 3),
    ],
)
def test_functions_without_a_kernel(quantized, model_of, kind, low, high):
    result = quantized(model_of([node(kind)], {"x": SHAPE}, ["y"]), uniform(low, high))

    assert result.violations == ()
    assert result.worst() > 33


def test_a_formula_is_one_table_whatever_it_reads_twice(quantized, model_of):
    nodes = [
        node("Mul", ("x", "x"), ("square",)),
        node("Add", ("square", "one"), ("more",)),
        node("Div", ("x", "more"), ("share",)),
        node("Sub", ("share", "one")),
    ]

    model = model_of(nodes, {"x": SHAPE}, ["y"], {"one": np.float32(1)})
    result = quantized(model, uniform(-3, 3))

    assert result.kinds == ["CAST", "ADD", "GATHER"]
    assert result.worst() > 40


def test_what_is_read_elsewhere_is_a_result_of_its_own(quantized, model_of):
    nodes = [
        node("Tanh", outputs=("a",)),
        node("Mul", ("a", "a"), ("b",)),
        node("Exp", ("b",), ("c",)),
        node("Mul", ("c", "a"), ("d",)),
        node("ReduceMean", ("d", "axes"), ("mean",)),
        node("Sin", ("d",), ("y",)),
    ]
    model = model_of(nodes, {"x": SHAPE}, ["y", "mean"], {"axes": np.array([2])})

    result = quantized(model, uniform(-2, 2))

    assert result.violations == ()
    assert result.worst() > 30
    assert result.kinds.count("GATHER") == 2


def test_formulas_of_two_tensors_and_by_channel_keep_their_kernels(quantized, model_of):
    nodes = [
        node("Mul", ("x", "scale"), ("a",)),
        node("Relu", ("a",), ("b",)),
        node("Add", ("b", "x"), ("c",)),
        node("Abs", ("c",), ("y",)),
    ]
    scale = np.linspace(1, 2, 8).astype(np.float32)
    model = model_of(nodes, {"x": SHAPE}, ["y"], {"scale": scale})

    result = quantized(model, uniform(-2, 2))

    assert "GATHER" not in result.kinds
    assert result.worst() > 30
