"""MAXIMUM and MINIMUM in C."""

from edgekit.converters.c.elementwise import elementwise_step
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step
from edgekit.converters.graph import DataType

__all__ = ["maximum", "minimum"]


@plans("MAXIMUM")
def maximum(layer: Layer) -> Step:
    """int8, int16 and int32 of one scale, with broadcasting."""
    return _chosen(layer, "maximum")


@plans("MINIMUM")
def minimum(layer: Layer) -> Step:
    """int8, int16 and int32 of one scale, with broadcasting."""
    return _chosen(layer, "minimum")


def _chosen(layer: Layer, value: str) -> Step:
    layer.require_types(DataType.INT8, DataType.INT16, DataType.INT32)
    for position in range(2):
        tensor = layer.input(position)
        same = tensor.quantization == layer.output().quantization
        layer.require(same, f"'{tensor.name}' has another scale or zero point than the output")
    return elementwise_step(layer, value, {"unused": 0})
