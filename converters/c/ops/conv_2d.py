"""CONV_2D in C."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.geometry import Window, window_of
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Parameter, Step
from edgekit.converters.c.weighted import Channels, Numbers, channels_of, numbers_of
from edgekit.converters.graph import DataType

__all__ = ["Convolution", "conv_2d", "read_convolution"]


@dataclass(frozen=True, slots=True)
class Convolution:
    """What every kernel of a convolution starts from.

    Attributes:
        numbers: Types of the input, the sums and the output.
        weights: int8 ``[output channel, kernel row, kernel column, input channel of the group]``.
        channels: Biases with the input's zero point in them, scales, range of the output.
        window: Size, strides, dilation, padding of the kernel.
        input_shape: NHWC.
        output_shape: NHWC.
        input_zero_point: What the border holds.
    """

    numbers: Numbers
    weights: npt.NDArray[Any]
    channels: Channels
    window: Window
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    input_zero_point: int

    @property
    def groups(self) -> int:
        """How many parts of the channels are convolved by themselves."""
        return self.input_shape[3] // int(self.weights.shape[3])

    def shape_parameters(self) -> dict[str, Parameter]:
        """Return the fields of the shapes of input and output."""
        return {
            "batches": self.input_shape[0],
            "input_height": self.input_shape[1],
            "input_width": self.input_shape[2],
            "input_channels": self.input_shape[3],
            "output_height": self.output_shape[1],
            "output_width": self.output_shape[2],
        }


def read_convolution(layer: Layer, *, allow_int16: bool = False) -> Convolution:
    """Return a convolution with int8 weights; refuse what is none.

    Args:
        layer: The operator.
        allow_int16: Whether input and output may be int16 instead of int8.
    """
    if not allow_int16:
        layer.require_types(DataType.INT8)
    bias = layer.optional_input(2)
    short = bias is not None and bias.dtype is DataType.INT32
    numbers = numbers_of(layer, sums_of_32_bits=short)
    weights = layer.constant(1)
    sums = weights.astype(np.int64).sum(axis=(1, 2, 3))
    return Convolution(
        numbers=numbers,
        weights=weights,
        channels=channels_of(layer, sums, spread=True, sums_of_32_bits=short),
        window=window_of(layer, weights.shape[1:3]),
        input_shape=layer.input().shape,
        output_shape=layer.output().shape,
        input_zero_point=layer.zero_point(layer.input()),
    )


@plans("CONV_2D")
def conv_2d(layer: Layer) -> Step:
    """int8 and int16 with constant int8 weights; any stride, dilation, groups."""
    found = read_convolution(layer, allow_int16=True)
    outputs, _, kernel_width, group_inputs = found.weights.shape
    has_runs = found.groups == 1 and found.window.dilation[1] == 1
    return Step(
        found.numbers.kernel("conv_2d"),
        {
            "weights": Array(found.weights.reshape(-1)),
            **found.channels.parameters(),
            **found.shape_parameters(),
            "groups": found.groups,
            "group_inputs": group_inputs,
            "group_outputs": outputs // found.groups,
            "run_length": kernel_width * group_inputs if has_runs else group_inputs,
            **found.window.dilated_parameters(),
            "input_zero_point": found.input_zero_point,
        },
    )
