"""GATHER and EMBEDDING_LOOKUP in C."""

import math

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["embedding_lookup", "gather"]


@plans("GATHER")
def gather(layer: Layer) -> Step:
    """int8, along one axis, by int32 indices; without batch axes."""
    layer.require(not layer.option("batch_dims"), "it has batch axes")
    axis = layer.axis(layer.option("axis"), len(layer.input(0).shape))
    return _taken(layer, table=0, indices=1, axis=axis)


@plans("EMBEDDING_LOOKUP")
def embedding_lookup(layer: Layer) -> Step:
    """int8, by int32 indices."""
    return _taken(layer, table=1, indices=0, axis=0)


def _taken(layer: Layer, *, table: int, indices: int, axis: int) -> Step:
    source, chosen, output = layer.input(table), layer.input(indices), layer.output()
    layer.require(chosen.dtype is DataType.INT32, f"'{chosen.name}' is {chosen.dtype}")
    layer.require(source.dtype is output.dtype is DataType.INT8, f"it gives {output.dtype}")
    return Step(
        Kernel("gather.c", "gather"),
        {
            "outer": math.prod(source.shape[:axis]),
            "size": source.shape[axis],
            "count": math.prod(chosen.shape),
            "run_bytes": math.prod(source.shape[axis + 1 :]) * source.dtype.bits // 8,
        },
        inputs=(table, indices),
    )
