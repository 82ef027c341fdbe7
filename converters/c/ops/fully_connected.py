"""FULLY_CONNECTED in C."""

import math

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step
from edgekit.converters.c.weighted import channels_of
from edgekit.converters.graph import DataType

__all__ = ["fully_connected"]


@plans("FULLY_CONNECTED")
def fully_connected(layer: Layer) -> Step:
    """int8 with constant int8 weights, per tensor or per channel."""
    layer.require_types(DataType.INT8)
    weights = layer.constant(1)
    layer.require(weights.dtype == np.int8, f"its weights are {weights.dtype}")
    outputs, inputs = weights.shape
    channels = channels_of(layer, weights.astype(np.int64).sum(axis=1), single_product=True)
    return Step(
        Kernel("fully_connected.c", "fully_connected"),
        {
            "weights": Array(weights.reshape(-1)),
            **channels.parameters(),
            "scale_step": int(len(channels.multiplier) > 1),
            "rows": math.prod(layer.input().shape) // inputs,
            "inputs": inputs,
            "outputs": outputs,
        },
    )
