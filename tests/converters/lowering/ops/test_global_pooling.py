"""Global pools against onnxruntime, in one to three dimensions."""

import numpy as np
import pytest
from onnx import helper


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"])
@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 4, 4, 4), (1, 3, 4, 4, 4)])
def test_shapes(lower, make_model, kind, shape):
    model = make_model([helper.make_node(kind, ["x"], ["y"])], {"x": shape}, ["y"])
    assert lower(model).count("TRANSPOSE") == 0


def test_after_a_convolution_nothing_is_moved(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("GlobalAveragePool", ["h"], ["y"]),
    ]
    weights = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32)
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"w": weights})
    assert lower(model).kinds == ["CONV_2D", "MEAN"]


@pytest.mark.parametrize("power", [1, 2, 3])
def test_norms(lower, make_model, power):
    node = helper.make_node("GlobalLpPool", ["x"], ["y"], p=power)
    lower(make_model([node], {"x": (1, 4, 4, 4)}, ["y"]))
