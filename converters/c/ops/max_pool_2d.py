"""MAX_POOL_2D in C."""

from edgekit.converters.c.geometry import pool_parameters
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["max_pool_2d"]


@plans("MAX_POOL_2D")
def max_pool_2d(layer: Layer) -> Step:
    """int8; any window and stride."""
    layer.require_types(DataType.INT8)
    return Step(Kernel("max_pool_2d.c", "max_pool_2d"), pool_parameters(layer))
