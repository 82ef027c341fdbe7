"""What a grid computes besides rounding: activations that exporters have put into it.

A quantized tensor whose grid begins at zero is a RELU, and exporters leave the RELU out then.
Taking such a grid away takes the RELU away, so it is written out again.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["activation_in", "ends_within", "stays_positive"]

_ALWAYS_POSITIVE = frozenset(["Abs", "Relu", "Sigmoid", "HardSigmoid", "Softmax", "Softplus"])
_PASSING = frozenset(
    "AveragePool Concat DepthToSpace Dropout Expand Flatten Gather GlobalAveragePool GlobalMaxPool "
    "Identity MaxPool ReduceMax ReduceMean ReduceMin Reshape Slice SpaceToDepth Split Squeeze Tile "
    "Transpose Unsqueeze".split()
)
_JOINING = frozenset(["Add", "Mul", "Max", "Sum"])


def activation_in(grid: TrainedGrid) -> tuple[str, float | None] | None:
    """Return the activation that a grid is: its operator and its upper end, where it has one.

    None for a grid that has numbers below zero. An upper end is named where it is that of
    RELU6, to the rounding of a float32 scale.
    """
    if len(grid.scales) > 1:
        return None
    least, most = grid.limits
    if grid.zero_points[0] != least:
        return None
    top = grid.scales[0] * (most - least)
    return ("Clip", 6.0) if math.isclose(top, 6.0, rel_tol=1e-6) else ("Relu", None)


def ends_within(node: Any, constants: Mapping[str, npt.NDArray[Any]], top: float) -> bool:
    """Whether a node is a Clip to nothing below zero and nothing above ``top``."""
    if node.op_type != "Clip":
        return False
    ends = [constants.get(name) for name in node.input[1:]]
    by_name = {item.name: item.f for item in node.attribute}
    low = by_name.get("min") if not ends else ends[0]
    high = by_name.get("max") if len(ends) < 2 else ends[1]
    return low is not None and high is not None and float(low) >= 0.0 and float(high) <= top


def stays_positive(node: Any, positive: set[str]) -> bool:
    """Whether the outputs of a node are never below zero, given tensors that are not."""
    kind, inputs = node.op_type, [name for name in node.input if name]
    if kind in _ALWAYS_POSITIVE:
        return True
    if kind in _PASSING - {"Concat"}:
        return bool(inputs) and inputs[0] in positive
    return kind in _JOINING | {"Concat"} and all(name in positive for name in inputs)
