"""CenterCropPad against onnxruntime."""

import numpy as np
import pytest
from onnx import helper


@pytest.mark.parametrize("wanted", [[4, 4], [3, 6], [7, 2], [5, 5], [4, 9]])
@pytest.mark.parametrize("axes", [[2, 3], [3, 1], [-1, -2]])
def test_sizes(lower, make_model, wanted, axes):
    node = helper.make_node("CenterCropPad", ["x", "shape"], ["y"], axes=axes)
    constants = {"shape": np.array(wanted, np.int64)}
    lowered = lower(make_model([node], {"x": (1, 4, 4, 4)}, ["y"], constants))
    assert set(lowered.kinds) <= {"SLICE", "PAD", "RESHAPE"}
