"""FULLY_CONNECTED in C."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Step
from edgekit.converters.c.weighted import Channels, Numbers, channels_of, numbers_of
from edgekit.converters.graph import DataType

__all__ = ["Dense", "fully_connected", "read_fully_connected"]


@dataclass(frozen=True, slots=True)
class Dense:
    """What every kernel of a dense layer starts from.

    Attributes:
        numbers: Types of the input, the sums and the output.
        weights: int8 ``[output, input]``.
        channels: Biases with the input's zero point in them, scales, range of the output.
        rows: How many vectors are multiplied by the weights.
    """

    numbers: Numbers
    weights: npt.NDArray[Any]
    channels: Channels
    rows: int


def read_fully_connected(layer: Layer, *, allow_int16: bool = False) -> Dense:
    """Return a dense layer with int8 weights; refuse what is none.

    Args:
        layer: The operator.
        allow_int16: Whether input and output may be int16 instead of int8.
    """
    if not allow_int16:
        layer.require_types(DataType.INT8)
    numbers = numbers_of(layer)
    weights = layer.constant(1)
    return Dense(
        numbers=numbers,
        weights=weights,
        channels=channels_of(layer, weights.astype(np.int64).sum(axis=1), single_product=True),
        rows=math.prod(layer.input().shape) // weights.shape[1],
    )


@plans("FULLY_CONNECTED")
def fully_connected(layer: Layer) -> Step:
    """int8 and int16 with constant int8 weights, per tensor or per channel."""
    found = read_fully_connected(layer, allow_int16=True)
    outputs, inputs = found.weights.shape
    return Step(
        found.numbers.kernel("fully_connected"),
        {
            "weights": Array(found.weights.reshape(-1)),
            **found.channels.parameters(),
            "scale_step": int(len(found.channels.multiplier) > 1),
            "rows": found.rows,
            "inputs": inputs,
            "outputs": outputs,
        },
    )
