"""Reshapes that vanish or make room for fusion, and repetitions that nobody needs."""

import numpy as np
import pytest
from onnx import helper


def _shape(*sizes):
    return np.array(sizes, np.int64)


def test_a_chain_is_one_reshape(lower, make_model):
    nodes = [
        helper.make_node("Reshape", ["x", "a"], ["h"]),
        helper.make_node("Reshape", ["h", "b"], ["y"]),
    ]
    constants = {"a": _shape(2, 8), "b": _shape(8, 2)}
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"], constants)).kinds == ["RESHAPE"]


def test_there_and_back_is_nothing(lower, make_model):
    nodes = [
        helper.make_node("Tanh", ["x"], ["t"]),
        helper.make_node("Reshape", ["t", "a"], ["h"]),
        helper.make_node("Reshape", ["h", "b"], ["y"]),
    ]
    constants = {"a": _shape(2, 8), "b": _shape(4, 4)}
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"], constants)).kinds == ["TANH"]


def test_an_output_that_is_an_input_is_a_tensor_of_its_own(lower, make_model):
    node = helper.make_node("Identity", ["x"], ["y"])
    assert lower(make_model([node], {"x": (4, 4)}, ["y"])).kinds == ["RESHAPE"]


def test_residuals_of_signals(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1]),
        helper.make_node("Conv", ["a", "w"], ["b"], pads=[1, 1]),
        helper.make_node("Add", ["a", "b"], ["s"]),
        helper.make_node("Relu", ["s"], ["r"]),
        helper.make_node("Conv", ["r", "w"], ["y"], pads=[1, 1]),
    ]
    weights = np.random.default_rng(0).standard_normal((4, 4, 3)).astype(np.float32)
    model = make_model(nodes, {"x": (1, 4, 4)}, ["y"], {"w": weights})
    assert lower(model).count("RELU") == 0


@pytest.mark.parametrize("kind", ["Add", "Div"])
def test_repetitions(lower, make_model, kind):
    nodes = [
        helper.make_node("Exp", ["z"], ["e"]),
        helper.make_node("Expand", ["e", "s"], ["r"]),
        helper.make_node(kind, ["x", "r"], ["y"]),
    ]
    model = make_model(nodes, {"x": (4, 4, 4), "z": (1, 4, 1)}, ["y"], {"s": _shape(4, 4, 4)})
    assert lower(model).kinds == ["EXP", kind.upper()]


def test_needed_repetitions_stay(lower, make_model):
    nodes = [
        helper.make_node("Expand", ["z", "s"], ["r"]),
        helper.make_node("Add", ["r", "c"], ["y"]),
    ]
    constants = {"s": _shape(4, 4), "c": np.ones((4, 1), np.float32)}
    assert "ADD" in lower(make_model(nodes, {"z": (4, 1)}, ["y"], constants)).kinds
