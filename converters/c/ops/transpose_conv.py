"""TRANSPOSE_CONV in C."""

import numpy as np

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Step
from edgekit.converters.c.weighted import channels_of, numbers_of

__all__ = ["transpose_conv"]

_VALID = 1  # `Padding` of the schema


@plans("TRANSPOSE_CONV")
def transpose_conv(layer: Layer) -> Step:
    """int8 and int16 with constant int8 weights; any stride."""
    places = layer.at(input=2, weights=1, bias=3)
    numbers = numbers_of(places)
    weights = places.constant(1)
    outputs, kernel_height, kernel_width, inputs = weights.shape
    # Padding and zero point meet other weights at every place: nothing to fold into biases.
    channels = channels_of(places, np.zeros(outputs, np.int64), spread=True)
    source, output = places.input(), layer.output()
    strides = (layer.option("stride_h", 1), layer.option("stride_w", 1))
    top, left = (
        _padding(layer, output.shape[axis + 1], weights.shape[axis + 1], strides[axis])
        for axis in range(2)
    )
    return Step(
        numbers.kernel("transpose_conv"),
        {
            "weights": Array(weights.reshape(-1)),
            **channels.parameters(),
            "batches": source.shape[0],
            "input_height": source.shape[1],
            "input_width": source.shape[2],
            "input_channels": inputs,
            "output_height": output.shape[1],
            "output_width": output.shape[2],
            "output_channels": outputs,
            "kernel_height": kernel_height,
            "kernel_width": kernel_width,
            "stride_height": strides[0],
            "stride_width": strides[1],
            "pad_top": top,
            "pad_left": left,
            "input_zero_point": layer.zero_point(source),
        },
        inputs=(2,),
    )


def _padding(layer: Layer, output: int, kernel: int, stride: int) -> int:
    """Return the padding of the convolution whose input would be this one's output."""
    if layer.option("padding") == _VALID:
        return 0
    steps = -(-output // stride)
    return int(max((steps - 1) * stride + kernel - output, 0) // 2)
