"""Operator versions are the lowest that have what is used."""

import numpy as np
import pytest
from onnx import helper


def _versions(lowered):
    return {item.kind: item.version for item in lowered.graph.main.operators}


@pytest.mark.parametrize(
    ("kind", "dtype", "operator", "version"),
    [
        ("Add", np.float32, "ADD", 1),
        ("Add", np.int64, "ADD", 4),
        ("Mul", np.int64, "MUL", 5),
        ("Sub", np.int64, "SUB", 4),
        ("Sub", np.int32, "SUB", 1),
    ],
)
def test_types(lower, make_model, kind, dtype, operator, version):
    x = np.ones((4, 4), dtype)
    model = make_model([helper.make_node(kind, ["x", "x"], ["y"])], {"x": x}, ["y"])
    assert _versions(lower(model)) == {operator: version}


@pytest.mark.parametrize(("kind", "version"), [("Max", 3), ("Div", 2), ("Sub", 3), ("Add", 1)])
def test_broadcasts_over_many_axes(lower, make_model, kind, version):
    shapes = {"x": np.ones((2, 1, 2, 1, 2), np.float32), "z": np.ones((1, 2, 1, 2, 1), np.float32)}
    model = make_model([helper.make_node(kind, ["x", "z"], ["y"])], shapes, ["y"])
    assert set(_versions(lower(model, samples=[shapes])).values()) == {version}


@pytest.mark.parametrize(
    ("attributes", "weights", "version"),
    [({}, (4, 4, 1, 1), 1), ({"group": 4, "dilations": [2, 2]}, (4, 1, 2, 2), 2)],
)
def test_convolutions(lower, make_model, attributes, weights, version):
    values = np.random.default_rng(0).standard_normal(weights).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], **attributes)
    model = make_model([node], {"x": (1, 4, 4, 4)}, ["y"], {"w": values})
    assert set(_versions(lower(model)).values()) == {version}
