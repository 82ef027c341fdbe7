"""Operators whose kernels rescale, at the edges of what the kernels check."""

import numpy as np
import pytest
from onnx import helper


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e-3])
def test_a_softmax_of_tiny_scores_loads_and_is_even(quantized, model_of, size):
    model = model_of([helper.make_node("Softmax", ["x"], ["y"])], {"x": (1, 4, 8)}, ["y"])

    def draw(generator):
        return {"x": (size * generator.standard_normal((1, 4, 8))).astype(np.float32)}

    result = quantized(model, draw)
    assert result.violations == ()
    assert result.largest_error <= 1 / 256
