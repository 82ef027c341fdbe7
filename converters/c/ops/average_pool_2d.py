"""AVERAGE_POOL_2D in C."""

from edgekit.converters.c.geometry import window_of
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["average_pool_2d"]


@plans("AVERAGE_POOL_2D")
def average_pool_2d(layer: Layer) -> Step:
    """int8; any window and stride."""
    layer.require_types(DataType.INT8)
    window = window_of(layer, (layer.option("filter_height"), layer.option("filter_width")))
    batches, input_height, input_width, channels = layer.input().shape
    low, high = layer.clamp()
    return Step(
        Kernel("average_pool_2d.c", "average_pool_2d"),
        {
            "batches": batches,
            "input_height": input_height,
            "input_width": input_width,
            "channels": channels,
            "output_height": layer.output().shape[1],
            "output_width": layer.output().shape[2],
            **window.parameters(),
            "output_low": low,
            "output_high": high,
        },
    )
