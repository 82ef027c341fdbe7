"""FULLY_CONNECTED in C."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step
from edgekit.converters.c.weighted import Channels, channels_of
from edgekit.converters.graph import DataType

__all__ = ["Dense", "fully_connected", "read_fully_connected"]


@dataclass(frozen=True, slots=True)
class Dense:
    """What every kernel of a dense layer starts from.

    Attributes:
        weights: int8 ``[output, input]``.
        channels: Biases with the input's zero point in them, scales, range of the output.
        rows: How many vectors are multiplied by the weights.
    """

    weights: npt.NDArray[Any]
    channels: Channels
    rows: int


def read_fully_connected(layer: Layer) -> Dense:
    """Return an int8 dense layer; refuse what is none."""
    layer.require_types(DataType.INT8)
    weights = layer.constant(1)
    layer.require(weights.dtype == np.int8, f"its weights are {weights.dtype}")
    return Dense(
        weights=weights,
        channels=channels_of(layer, weights.astype(np.int64).sum(axis=1), single_product=True),
        rows=math.prod(layer.input().shape) // weights.shape[1],
    )


@plans("FULLY_CONNECTED")
def fully_connected(layer: Layer) -> Step:
    """int8 with constant int8 weights, per tensor or per channel."""
    found = read_fully_connected(layer)
    outputs, inputs = found.weights.shape
    return Step(
        Kernel("fully_connected.c", "fully_connected"),
        {
            "weights": Array(found.weights.reshape(-1)),
            **found.channels.parameters(),
            "scale_step": int(len(found.channels.multiplier) > 1),
            "rows": found.rows,
            "inputs": inputs,
            "outputs": outputs,
        },
    )
