"""L2_NORMALIZATION in C."""

import math

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Follow, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["l2_normalization"]


@plans("L2_NORMALIZATION")
def l2_normalization(layer: Layer) -> Step:
    """int8, over the last axis, to a scale of 1/128."""
    layer.require_types(DataType.INT8)
    output = layer.output()
    grid = (layer.scale(output), layer.zero_point(output))
    layer.require(grid == (1 / 128, 0), "its output's scale is not 1/128 around 0")
    shape = layer.input().shape
    return Step(
        Kernel("l2_normalization.c", "l2_normalization"),
        {
            "rows": math.prod(shape[:-1]),
            "columns": shape[-1],
            "input_zero_point": layer.zero_point(layer.input()),
        },
        follows=(Follow(0, 0, 0),),
    )
