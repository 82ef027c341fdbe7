"""Operators that are refused by name, with what would work."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def test_box_selection_names_the_way_out(lower, make_model):
    node = helper.make_node("NonMaxSuppression", ["boxes", "scores", "most"], ["y"], name="nms")
    model = make_model(
        [node],
        {"boxes": (1, 6, 4), "scores": (1, 1, 6)},
        ["y"],
        {"most": np.array([3], np.int64)},
    )
    with pytest.raises(RefusedError, match="'nms' cannot be lowered: how many boxes") as error:
        lower(model)
    assert "application" in error.value.hint


def test_regions_are_refused(lower, make_model):
    node = helper.make_node("RoiAlign", ["x", "rois", "batch"], ["y"], output_height=2)
    example = {"x": (2, 2, 4, 4), "rois": (2, 4), "batch": np.zeros(2, np.int64)}
    with pytest.raises(RefusedError, match="regions"):
        lower(make_model([node], example, ["y"], opset=16))
