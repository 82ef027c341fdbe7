"""Operators on one int8 tensor, element by element: a table of 256 values."""

import math

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.leaky_relu_int16 import leaky_relu_int16, relu_int16
from edgekit.converters.c.ops.sigmoid_int16 import logistic_int16, tanh_int16
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step
from edgekit.converters.c.tables import TABLES
from edgekit.converters.graph import DataType

__all__ = ["activation", "lookup", "lookup_step"]


_INT16 = {
    "LEAKY_RELU": leaky_relu_int16,
    "LOGISTIC": logistic_int16,
    "RELU": relu_int16,
    "TANH": tanh_int16,
}


@plans(*(operator for operator in TABLES if operator not in ("QUANTIZE", *_INT16)))
def lookup(layer: Layer) -> Step:
    """int8."""
    layer.require_types(DataType.INT8)
    return lookup_step(layer)


@plans(*_INT16)
def activation(layer: Layer) -> Step:
    """int8 and int16."""
    layer.require_types(DataType.INT8, DataType.INT16)
    if layer.input().dtype is DataType.INT16:
        return _INT16[layer.operator.kind](layer)
    return lookup_step(layer)


def lookup_step(layer: Layer) -> Step:
    """Return the step of an operator that has a function in ``TABLES``."""
    value = TABLES[layer.operator.kind](layer)
    # By the input as an unsigned byte: 0 ... 127, then -128 ... -1.
    table = [value(x) for x in (*range(128), *range(-128, 0))]
    return Step(
        Kernel("lookup.c", "lookup"),
        {
            "table": Array(np.array(table, np.int8), 1),
            "count": math.prod(layer.output().shape),
        },
        follows=(Follow(0, 0, 0),),
    )
