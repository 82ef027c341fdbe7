"""What operators with weights share: zero points in biases, a fixed-point scale a channel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.step import Array, Parameter

__all__ = ["Channels", "channels_of"]


@dataclass(frozen=True, slots=True)
class Channels:
    """What brings the sums of output channels to the output.

    Attributes:
        bias: int32, a value for each channel, with the input's zero point in it.
        multiplier: int32, of the scale of each channel, or one for all.
        shift: int8, like ``multiplier``.
        output_zero_point: Of the output.
        clamp: Least and greatest output.
    """

    bias: npt.NDArray[np.int32]
    multiplier: npt.NDArray[np.int32]
    shift: npt.NDArray[np.int8]
    output_zero_point: int
    clamp: tuple[int, int]

    def parameters(self) -> dict[str, Parameter]:
        """Return the fields of kernels that take it as it is."""
        return {
            "bias": Array(self.bias),
            "multiplier": Array(self.multiplier),
            "shift": Array(self.shift),
            "output_zero_point": self.output_zero_point,
            "output_low": self.clamp[0],
            "output_high": self.clamp[1],
        }


def channels_of(
    layer: Layer,
    sums: npt.NDArray[np.int64],
    *,
    spread: bool = False,
    single_product: bool = False,
) -> Channels:
    """Return what brings the sums of a layer's output channels to its output.

    The input's zero point goes into the bias: ``sum((x - z) w) + b = sum(x w) + (b - z sum(w))``.

    Args:
        layer: Input, weights, and perhaps a bias.
        sums: Sum of the weights of each output channel.
        spread: Whether a single scale is repeated for each channel.
        single_product: Whether the product of the scales of input and weights is rounded to
            single precision, as ``GetQuantizedConvolutionMultipler`` of TensorFlow Lite does.
    """
    weights, output = layer.input(1), layer.output()
    input_scale, output_scale = layer.scale(layer.input()), layer.scale(output)
    quantization = weights.quantization
    layer.require(quantization is not None, f"'{weights.name}' has no scale")
    scales = quantization.scales if quantization else ()
    layer.require(len(scales) in (1, len(sums)), f"'{weights.name}' has {len(scales)} scales")
    points = quantization.zero_points if quantization else ()
    layer.require(not any(points), f"'{weights.name}' has a zero point")
    if single_product and len(scales) == 1:
        product = float(np.float32(input_scale) * np.float32(scales[0]))
        factors = [product / output_scale]
    else:
        factors = [input_scale * scale / output_scale for scale in scales]
    if spread and len(scales) == 1:
        factors *= len(sums)
    fixed = [quantize_multiplier(factor) for factor in factors]
    bias = _bias(layer, len(sums)) - layer.zero_point(layer.input()) * sums
    layer.require(_fits(bias), "its bias and zero point together overflow 32 bits")
    return Channels(
        bias=bias.astype(np.int32),
        multiplier=np.array([item.multiplier for item in fixed], np.int32),
        shift=np.array([item.shift for item in fixed], np.int8),
        output_zero_point=layer.zero_point(output),
        clamp=layer.clamp(),
    )


def _bias(layer: Layer, count: int) -> npt.NDArray[np.int64]:
    if layer.optional_input(2) is None:
        return np.zeros(count, np.int64)
    return layer.constant(2).astype(np.int64).reshape(-1)


def _fits(values: npt.NDArray[Any]) -> bool:
    return bool((np.abs(values) < 2**31).all())
