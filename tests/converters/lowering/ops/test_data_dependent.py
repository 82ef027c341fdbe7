"""Operators whose output's shape depends on values are refused by name."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


@pytest.mark.parametrize("kind", ["NonZero", "Unique"])
def test_refused(lower, make_model, kind):
    node = helper.make_node(kind, ["x"], ["y"], name="the one")
    with pytest.raises(RefusedError, match=f"{kind} 'the one' .* depends on values"):
        lower(make_model([node], {"x": (3,)}, ["y"]))


def test_shapes_made_of_values_are_refused(lower, make_model):
    node = helper.make_node("ConstantOfShape", ["s"], ["y"])
    with pytest.raises(RefusedError, match="depends on"):
        lower(make_model([node], {"s": np.zeros(1, np.int64)}, ["y"]))
