"""Expand and Tile against onnxruntime."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


@pytest.mark.parametrize(
    ("shape", "wanted", "kind"),
    [
        ((3, 1), (3, 3), "BROADCAST_TO"),
        ((3,), (2, 1, 3), "BROADCAST_TO"),
        ((1, 3, 1), (2, 1, 4), "BROADCAST_TO"),
        ((3, 3), (1, 3), "RESHAPE"),
    ],
)
def test_expand(lower, make_model, shape, wanted, kind):
    node = helper.make_node("Expand", ["x", "s"], ["y"])
    model = make_model([node], {"x": shape}, ["y"], {"s": np.array(wanted, np.int64)})
    assert kind in lower(model).kinds


@pytest.mark.parametrize("repeats", [(1, 2, 1, 1), (1, 1, 3, 2), (2, 2, 2, 2), (1, 1, 1, 1)])
def test_tile_of_pictures(lower, make_model, repeats):
    constants = {"r": np.array(repeats, np.int64), "w": np.ones((3, 3, 1, 3), np.float32)}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[0, 1, 0, 1]),
        helper.make_node("Tile", ["c", "r"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": (1, 3, 3, 3)}, ["y"], constants)).count("TRANSPOSE") == 0


@pytest.mark.parametrize("kind", ["Expand", "Tile"])
def test_computed_shapes_are_refused(lower, make_model, kind):
    node = helper.make_node(kind, ["x", "s"], ["y"])
    second = helper.make_node("Relu", ["y"], ["z"])
    model = make_model([node, second], {"x": (1, 1), "s": np.zeros(2, np.int64)}, ["z"])
    with pytest.raises(RefusedError, match="computed while the model runs"):
        lower(model)
