"""Operators of detection heads that no static graph can hold: refused by name."""

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_LIMITS = ("max_output_boxes_per_class", "iou_threshold", "score_threshold")
_WHY = {
    "MaxUnpool": "it puts values at positions that are computed while the model runs",
    "MaxRoiPool": "its regions are computed while the model runs",
    "RoiAlign": "its regions are computed while the model runs",
    "DeformConv": "TFLite has no convolution with computed offsets",
}
_HINTS = {
    "MaxUnpool": "export the model with another upsampling",
    "DeformConv": "export the model with an ordinary convolution",
}


@lowers(*_WHY)
def detection(context: Lowering, node: SourceNode) -> None:  # noqa: ARG001
    """Refuse, with what would work.

    Raises:
        RefusedError: Always.
    """
    hint = _HINTS.get(node.kind, "cut the model in front of it")
    raise RefusedError(node, _WHY[node.kind], hint=hint)


@lowers("NonMaxSuppression")
def unpadded_selection(context: Lowering, node: SourceNode) -> None:
    """Refuse a selection of boxes that did not get a fixed number of rows.

    Those that did are lowered by `box_selection`.

    Raises:
        RefusedError: Always.
    """
    for position, name in enumerate(_LIMITS, start=2):
        if node.has(position) and context.constant(node.inputs[position]) is None:
            raise RefusedError(
                node,
                f"its {name} is computed while the model runs",
                hint="export the model with constant limits",
            )
    most = context.required_constant(node, 2) if node.has(2) else np.zeros(1)
    if np.all(most < 1):
        raise RefusedError(
            node,
            "its max_output_boxes_per_class is 0, so that it selects nothing",
            hint="export the model with as many boxes as the application takes",
        )
    raise RefusedError(
        node,
        "other operators compute with the boxes that it selects, and how many these are is known "
        "only when the model runs",
        hint="make its selected_indices an output in place of what follows, with opset 11 or "
        "newer, and pick the boxes in the application",
    )
