"""Operators that are refused by name, with what would work."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def selecting(make_model, *more, most, outputs=("rows",)):
    node = helper.make_node("NonMaxSuppression", ["boxes", "scores", "most"], ["rows"], name="nms")
    inputs = {"boxes": (1, 6, 4), "scores": (1, 1, 6)}
    if most is None:
        return make_model([node, *more], {**inputs, "most": np.ones(1, np.int64)}, outputs)
    return make_model([node, *more], inputs, outputs, {"most": np.array([most], np.int64)})


def test_boxes_that_are_computed_with(lower, make_model):
    counted = helper.make_node("Shape", ["rows"], ["n"])
    added = helper.make_node("Add", ["n", "n"], ["y"])
    with pytest.raises(RefusedError, match="'nms' cannot be lowered: other operators") as error:
        lower(selecting(make_model, counted, added, most=3, outputs=["y"]))
    assert "make its selected_indices an output" in error.value.hint


@pytest.mark.parametrize(
    ("most", "why"),
    [(None, "max_output_boxes_per_class is computed"), (0, "max_output_boxes_per_class is 0")],
)
def test_selections_without_a_limit(lower, make_model, most, why):
    with pytest.raises(RefusedError, match=f"'nms' cannot be lowered: its {why}"):
        lower(selecting(make_model, most=most))


def test_regions_are_refused(lower, make_model):
    node = helper.make_node("RoiAlign", ["x", "rois", "batch"], ["y"], output_height=2)
    example = {"x": (2, 2, 4, 4), "rois": (2, 4), "batch": np.zeros(2, np.int64)}
    with pytest.raises(RefusedError, match="regions"):
        lower(make_model([node], example, ["y"], opset=16))
