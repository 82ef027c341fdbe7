"""Infinities that TFLite would turn into the largest float are refused at outputs only."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

_MASK = np.triu(np.full((4, 4), -np.inf, np.float32), 1)


def test_masks_behind_a_softmax(lower, make_model):
    nodes = [
        helper.make_node("Add", ["x", "mask"], ["m"]),
        helper.make_node("Softmax", ["m"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": (4, 4)}, ["y"], {"mask": _MASK})).kinds == [
        "ADD",
        "SOFTMAX",
    ]


@pytest.mark.parametrize("moved", [True, False])
def test_masked_scores_as_output(lower, make_model, moved):
    nodes = [helper.make_node("Add", ["x", "mask"], ["m" if moved else "y"])]
    if moved:
        nodes.append(helper.make_node("Transpose", ["m"], ["y"]))
    model = make_model(nodes, {"x": (4, 4)}, ["y"], {"mask": _MASK})
    with pytest.raises(RefusedError, match="saturates"):
        lower(model)


def test_masked_scores_compared_with_infinity(lower, make_model):
    nodes = [
        helper.make_node("Add", ["x", "mask"], ["m"]),
        helper.make_node("ReduceMax", ["m"], ["top"]),
        helper.make_node("Equal", ["top", "low"], ["y"], name="hidden"),
    ]
    constants = {"mask": _MASK, "low": np.array(-np.inf, np.float32)}
    with pytest.raises(RefusedError, match="Equal 'hidden' compares"):
        lower(make_model(nodes, {"x": (4, 4)}, ["y"], constants))
