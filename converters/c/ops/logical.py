"""Logical operators in C."""

import math

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Follow, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["logical", "logical_not"]


@plans("LOGICAL_AND", "LOGICAL_OR")
def logical(layer: Layer) -> Step:
    """bool, with broadcasting."""
    layer.require_types(DataType.BOOL)
    value = layer.operator.kind.lower()
    return elementwise_step(layer, value, {"unused": 0}, scales_type="logical_scales")


@plans("LOGICAL_NOT")
def logical_not(layer: Layer) -> Step:
    """Bool."""
    layer.require_types(DataType.BOOL)
    return Step(
        Kernel("logical_not.c", "logical_not"),
        {"count": math.prod(layer.output().shape)},
        follows=(Follow(0, 0, 0),),
    )
