"""AffineGrid against onnxruntime."""

import numpy as np
import pytest
from onnx import helper


@pytest.mark.parametrize("aligned", [0, 1])
@pytest.mark.parametrize("size", [(1, 3, 4, 5), (2, 1, 3, 3), (1, 1, 2, 3, 4)])
def test_sizes(lower, make_model, aligned, size):
    axes = len(size) - 2
    node = helper.make_node("AffineGrid", ["theta", "size"], ["y"], align_corners=aligned)
    model = make_model(
        [node],
        {"theta": (size[0], axes, axes + 1)},
        ["y"],
        {"size": np.array(size, np.int64)},
    )
    assert lower(model).count("TRANSPOSE") == 0
