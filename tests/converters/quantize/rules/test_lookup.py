"""Quotients as products, functions as tables."""

import numpy as np
import pytest
from onnx import helper

SHAPE = (1, 4, 6)


@pytest.mark.parametrize("divisor", [2.0, -0.1, np.linspace(1.0, 3.0, 6)])
def test_a_known_divisor_becomes_a_factor(quantized, model_of, divisor):
    nodes = [helper.make_node("Mul", ["x", "x"], ["s"]), helper.make_node("Div", ["s", "d"], ["y"])]
    model = model_of(nodes, {"x": SHAPE}, ["y"], {"d": np.array(divisor, np.float32)})
    result = quantized(model, lambda g: {"x": g.standard_normal(SHAPE).astype(np.float32)})
    assert not result.violations
    assert result.worst() > 32
    assert "DIV" not in result.kinds
