"""AVERAGE_POOL_2D in C."""

from edgekit.converters.c.geometry import pool_step
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step

__all__ = ["average_pool_2d"]


@plans("AVERAGE_POOL_2D")
def average_pool_2d(layer: Layer) -> Step:
    """int8 and int16; any window and stride."""
    return pool_step(layer, "average_pool_2d")
