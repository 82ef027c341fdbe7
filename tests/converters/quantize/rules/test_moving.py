"""Operators that move or choose values."""

import numpy as np
from onnx import TensorProto, helper

SHAPE = (1, 4, 6)


def test_a_choice_between_a_tensor_and_zero_keeps_the_tensors_scale(quantized, model_of):
    nodes = [
        helper.make_node("Sigmoid", ["x"], ["s"]),
        helper.make_node("Cast", ["kept"], ["is_kept"], to=TensorProto.BOOL),
        helper.make_node("Where", ["is_kept", "s", "zero"], ["y"]),
    ]
    inputs = {"x": SHAPE, "kept": (SHAPE, "int64")}
    model = model_of(nodes, inputs, ["y"], {"zero": np.zeros((), np.float32)})
    result = quantized(
        model,
        lambda g: {
            "x": g.standard_normal(SHAPE).astype(np.float32),
            "kept": g.integers(0, 2, SHAPE),
        },
    )
    assert not result.violations
    assert result.worst() > 38
    assert "QUANTIZE" not in result.kinds
