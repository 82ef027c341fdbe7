"""DEPTHWISE_CONV_2D in C."""

import numpy as np

from edgekit.converters.c.geometry import window_of
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.conv_2d import Convolution
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Step
from edgekit.converters.c.weighted import channels_of, numbers_of
from edgekit.converters.graph import DataType

__all__ = ["depthwise_conv_2d", "read_depthwise_convolution"]


def read_depthwise_convolution(layer: Layer, *, allow_int16: bool = False) -> Convolution:
    """Return a depthwise convolution; its weights are ``[1, row, column, output channel]``.

    Args:
        layer: The operator.
        allow_int16: Whether input and output may be int16 instead of int8.
    """
    if not allow_int16:
        layer.require_types(DataType.INT8)
    numbers = numbers_of(layer)
    weights = layer.constant(1)
    return Convolution(
        numbers=numbers,
        weights=weights,
        channels=channels_of(layer, weights.astype(np.int64).sum(axis=(0, 1, 2)), spread=True),
        window=window_of(layer, weights.shape[1:3]),
        input_shape=layer.input().shape,
        output_shape=layer.output().shape,
        input_zero_point=layer.zero_point(layer.input()),
    )


@plans("DEPTHWISE_CONV_2D")
def depthwise_conv_2d(layer: Layer) -> Step:
    """int8 and int16 with constant int8 weights; any stride, dilation, depth multiplier."""
    found = read_depthwise_convolution(layer, allow_int16=True)
    return Step(
        found.numbers.kernel("depthwise_conv_2d"),
        {
            "weights": Array(found.weights.reshape(-1)),
            **found.channels.parameters(),
            **found.shape_parameters(),
            "depth_multiplier": found.weights.shape[3] // found.input_shape[3],
            **found.window.dilated_parameters(),
            "input_zero_point": found.input_zero_point,
        },
    )
