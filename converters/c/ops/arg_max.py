"""ARG_MAX and ARG_MIN in C."""

import math

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["arg_max", "arg_min"]


@plans("ARG_MAX")
def arg_max(layer: Layer) -> Step:
    """int8, along a constant axis, to int32."""
    return _found(layer, "arg_max", ">")


@plans("ARG_MIN")
def arg_min(layer: Layer) -> Step:
    """int8, along a constant axis, to int32."""
    return _found(layer, "arg_min", "<")


def _found(layer: Layer, value: str, order: str) -> Step:
    source, output = layer.input(), layer.output()
    layer.require(source.dtype is DataType.INT8, f"'{source.name}' is {source.dtype}")
    layer.require(output.dtype is DataType.INT32, f"'{output.name}' is {output.dtype}")
    axis = layer.axis(int(layer.constant(1).item()), len(source.shape))
    kind = layer.c_type(source)
    function = f"{value}_{kind.removesuffix('_t')}"
    names = (("function", function), ("element", kind), ("order", order))
    return Step(
        Kernel("arg_max.c", function, names),
        {
            "outer": math.prod(source.shape[:axis]),
            "count": source.shape[axis],
            "inner": math.prod(source.shape[axis + 1 :]),
        },
    )
