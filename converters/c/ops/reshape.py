"""Operators that change the shape and not the bytes."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Alias

__all__ = ["reshape"]


@plans("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
def reshape(layer: Layer) -> Alias:
    """Any type; it costs nothing."""
    layer.require(not layer.input().is_constant, "it reshapes a constant")
    return Alias()
