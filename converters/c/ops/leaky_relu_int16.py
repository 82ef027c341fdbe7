"""RELU and LEAKY_RELU of int16 in C."""

import math

import numpy as np

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.step import Follow, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["leaky_relu_int16", "relu_int16"]


def relu_int16(layer: Layer) -> Step:
    """Return the step of a RELU of int16: a slope of zero below zero."""
    factor = layer.scale(layer.input()) / layer.scale(layer.output())
    return _sloped(layer, factor, 0.0)


def leaky_relu_int16(layer: Layer) -> Step:
    """Return the step of a LEAKY_RELU of int16."""
    factor = layer.scale(layer.input()) / layer.scale(layer.output())
    return _sloped(layer, factor, factor * float(np.float32(layer.option("alpha"))))


def _sloped(layer: Layer, identity: float, slope: float) -> Step:
    source, output = layer.input(), layer.output()
    layer.require(output.dtype is DataType.INT16, "its types differ")
    for tensor in (source, output):
        layer.require(layer.zero_point(tensor) == 0, f"'{tensor.name}' has a zero point")
    above, below = quantize_multiplier(identity), quantize_multiplier(slope)
    return Step(
        Kernel("leaky_relu_int16.c", "leaky_relu_int16"),
        {
            "count": math.prod(output.shape),
            "multiplier": above.multiplier,
            "shift": above.shift,
            "slope_multiplier": below.multiplier,
            "slope_shift": below.shift,
        },
        follows=(Follow(0, 0, 0),),
    )
