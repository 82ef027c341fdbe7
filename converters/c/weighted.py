"""What operators with weights share: zero points in biases, a fixed-point scale a channel."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.step import Array, Kernel, Parameter
from edgekit.converters.graph import DataType

__all__ = ["Channels", "Numbers", "channels_of", "numbers_of"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """C types of a kernel that sums products, and the parts that go with them.

    Attributes:
        element: Of the input and the output.
        total: Of the sums.
        dot: The part with the scalar product.
        requantize: The part that brings a sum to the output.
    """

    element: str
    total: str
    dot: str
    requantize: str

    def kernel(self, name: str) -> Kernel:
        """Return the kernel of a template that is written for these types."""
        kinds = {"int8_t": name, "int16_t": f"{name}_int16"}
        function = kinds[self.element] + ("_short" if self.dot == "dot_product_short" else "")
        values = {"function": function, **asdict(self)}
        return Kernel(f"{name}.c", function, tuple(values.items()))


_INT8 = Numbers("int8_t", "int32_t", "dot_product", "requantize")
_INT16 = Numbers("int16_t", "int64_t", "dot_product_wide", "requantize_wide")
_INT16_SHORT = Numbers("int16_t", "int32_t", "dot_product_short", "requantize")


def numbers_of(layer: Layer, *, sums_of_32_bits: bool = False) -> Numbers:
    """Return the types of a layer with int8 weights, and refuse others.

    Args:
        layer: Of int8 or int16.
        sums_of_32_bits: Whether sums of int16 stay within 32 bits.
    """
    source, output = layer.input(), layer.output()
    layer.require_types(DataType.INT8, DataType.INT16)
    layer.require(source.dtype is output.dtype, "its types differ")
    weights = layer.input(1)
    allowed = (DataType.INT8, DataType.INT4)  # which is unpacked here, not on the device
    layer.require(weights.dtype in allowed, f"'{weights.name}' is {weights.dtype}")
    if source.dtype is DataType.INT8:
        return _INT8
    return _INT16_SHORT if sums_of_32_bits else _INT16


@dataclass(frozen=True, slots=True)
class Channels:
    """What brings the sums of output channels to the output.

    Attributes:
        bias: A value for each channel, with the input's zero point in it; of the sums' type.
        multiplier: int32, of the scale of each channel, or one for all.
        shift: int8, like ``multiplier``.
        output_zero_point: Of the output.
        clamp: Least and greatest output.
    """

    bias: npt.NDArray[np.int32] | npt.NDArray[np.int64]
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
    sums_of_32_bits: bool = False,
) -> Channels:
    """Return what brings the sums of a layer's output channels to its output.

    The input's zero point goes into the bias: ``sum((x - z) w) + b = sum(x w) + (b - z sum(w))``.

    Args:
        layer: Input, weights, and perhaps a bias.
        sums: Sum of the weights of each output channel.
        spread: Whether a single scale is repeated for each channel.
        single_product: Whether the product of the scales of input and weights is rounded to
            single precision, as ``GetQuantizedConvolutionMultipler`` of TensorFlow Lite does.
        sums_of_32_bits: Whether sums of int16 stay within 32 bits.
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
    total = numbers_of(layer, sums_of_32_bits=sums_of_32_bits).total
    fits = total == "int64_t" or bool((np.abs(bias) < 2**31).all())
    layer.require(fits, "its bias and zero point together overflow 32 bits")
    reduced = total == "int64_t"
    return Channels(
        bias=bias.astype(total.removesuffix("_t")),
        multiplier=np.array(
            [_short(item.multiplier) if reduced else item.multiplier for item in fixed], np.int32
        ),
        shift=np.array([item.shift for item in fixed], np.int8),
        output_zero_point=layer.zero_point(output),
        clamp=layer.clamp(),
    )


def _bias(layer: Layer, count: int) -> npt.NDArray[np.int64]:
    if layer.optional_input(2) is None:
        return np.zeros(count, np.int64)
    return layer.constant(2).astype(np.int64).reshape(-1)


def _short(multiplier: int) -> int:
    """Return a multiplier of 32 bits in 16, as it is used for sums of 64 bits.

    ``MultiplyByQuantizedMultiplier`` of TensorFlow Lite (kernels/internal/common.cc).
    """
    return (multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF
