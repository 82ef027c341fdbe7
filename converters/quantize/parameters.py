"""From a range of real values to scale and zero point, and constants to integers.

Formulas: TFLite's 8-bit quantization specification
(https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.bundle.manifest import Scheme
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.fitting_scales import fitting_scales

__all__ = [
    "ACTIVATIONS",
    "NARROW",
    "SENTINEL",
    "WIDE",
    "ActivationType",
    "bias_of",
    "least_weight_scales",
    "quantize_values",
    "real_values",
    "weights_of",
    "without_sentinels",
]

_WEIGHT_LIMIT = 127  # weights use -127..127: a symmetric grid, and products stay in range
_BELOW = 1 - 1e-6  # that a step may be rounded below the scale from the largest weight
_BIAS_BITS = 29  # of 31: the products and a correction are added
SENTINEL = 1e9
"""From this magnitude on a value stands for infinity, as masks of attention have it."""

_GAP = 1e3  # between values and what stands for infinity beside them
_INFINITE = 1e30  # is never meant as a value
_SCALE_OF_ZEROS = 1e-9  # of weights without any value but zero
_SMALLEST_SCALE = 1e-18  # of weights; the product of two of them is still a normal float32
_SMALLEST_STEP = 4e-9  # of activations: kernels put the 6 of RELU6 on the grid, as an int32


@dataclass(frozen=True, slots=True)
class ActivationType:
    """How activations are stored.

    Attributes:
        dtype: INT8 or INT16.
        bias_dtype: INT32 or INT64.
        symmetric: Whether the zero point is 0.
    """

    dtype: DataType
    bias_dtype: DataType
    symmetric: bool

    @property
    def limits(self) -> tuple[int, int]:
        """The lowest and the highest integer."""
        info = np.iinfo(str(self.dtype.numpy))
        return int(info.min), int(info.max)

    def parameters(self, low: float, high: float, finest: float = 0.0) -> Quantization:
        """Return scale and zero point for real values from ``low`` to ``high``.

        Zero is always representable exactly: padding and RELU rely on it. The scale is at
        least ``finest``.
        """
        low, high = min(low, 0.0), max(high, 0.0)
        bottom, top = self.limits
        if self.symmetric:
            scale = _float32(max(-low / top, high / top, finest, _SMALLEST_STEP))
            return Quantization((scale,), (0,), 0)
        scale = _float32(max((high - low) / (top - bottom), finest, _SMALLEST_STEP))
        point = round(bottom - low / scale)
        return Quantization((scale,), (int(np.clip(point, bottom, top)),), 0)

    def whole_parameters(
        self, low: float, high: float, *, divided: bool = False
    ) -> Quantization | None:
        """Return a grid of whole numbers that holds a range; None where it is too wide.

        Args:
            low: The least value.
            high: The greatest value.
            divided: Whether whole numbers are divided into as many steps as fit, a power of
                two: whole numbers are exact under each.
        """
        bottom, top = self.limits
        first, last = math.floor(min(low, 0.0)), math.ceil(max(high, 0.0))
        span = max(-first, last, 1) / top if self.symmetric else (last - first) / (top - bottom)
        if span > 1.0:
            return None
        parts = 2 ** math.floor(-math.log2(span)) if divided and span else 1
        return Quantization((1.0 / parts,), (0 if self.symmetric else bottom - first * parts,), 0)


NARROW = ActivationType(DataType.INT8, DataType.INT32, symmetric=False)
WIDE = ActivationType(DataType.INT16, DataType.INT64, symmetric=True)
ACTIVATIONS = {Scheme.INT8: NARROW, Scheme.INT16X8: WIDE, Scheme.MIXED: NARROW}
"""How a scheme stores activations; mixed stores those of some operators as `WIDE`."""


def quantize_values(
    values: npt.NDArray[Any], quantization: Quantization, dtype: DataType
) -> npt.NDArray[Any]:
    """Return the integers of constant values, rounded half to even and saturated."""
    info = np.iinfo(str(dtype.numpy))
    scales, points = _grids(quantization, values.ndim)
    integers = np.round(values.astype(np.float64) / scales) + points
    return np.clip(integers, info.min, info.max).astype(dtype.numpy)


def real_values(integers: npt.NDArray[Any], quantization: Quantization) -> npt.NDArray[np.float64]:
    """Return what integers stand for."""
    scales, points = _grids(quantization, integers.ndim)
    return (integers - points) * scales


def without_sentinels(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values that are meant as such, in one dimension.

    What stands for infinity lies far beyond the others; large values without such a gap, or
    without others and above zero, are those of a network that grows.
    """
    flat: npt.NDArray[Any] = values.reshape(-1)
    if flat.size and flat.min() > -SENTINEL and flat.max() < SENTINEL:
        return flat
    sizes = np.abs(flat)
    small = sizes < SENTINEL
    grows = sizes[small].max() * _GAP >= SENTINEL if small.any() else bool((flat > 0).all())
    meant: npt.NDArray[Any] = flat[sizes < _INFINITE if grows else small]
    return meant


def weights_of(
    values: npt.NDArray[Any], axis: int | None, least: npt.NDArray[np.float64] | float = 0.0
) -> Quantization:
    """Return symmetric parameters of weights, one scale for each index along ``axis``.

    It is that of the largest weight, or one that keeps few values apart, see `fitting_scales`.

    Args:
        values: The weights.
        axis: Of the output channels; None for one scale for all.
        least: What a scale must not be below, one value or one a channel.
    """
    if axis is None:
        largest, least = np.array([np.max(np.abs(values), initial=0.0)]), np.max(least)
    else:
        others = tuple(index for index in range(values.ndim) if index != axis)
        largest = np.max(np.abs(values), axis=others, initial=0.0)
    plain = np.maximum(largest / _WEIGHT_LIMIT, least)
    fitting = fitting_scales(values, axis)
    chosen = plain if fitting is None else np.where(fitting >= plain * _BELOW, fitting, plain)
    scales = tuple(_float32(value) for value in chosen)
    return Quantization(scales, (0,) * len(scales), axis or 0)


def bias_of(source: Quantization, weights: Quantization) -> Quantization:
    """Return the parameters of a bias: the input's scale times each weight scale."""
    scales = tuple(
        float(np.float32(source.scales[0]) * np.float32(scale)) for scale in weights.scales
    )
    return Quantization(scales, (0,) * len(scales), 0)


def least_weight_scales(bias: npt.NDArray[Any], source: Quantization) -> npt.NDArray[np.float64]:
    """Return the weight scales that a bias asks for, so that it fits an accumulator of 32 bits.

    They matter in channels whose weights are zero, or nearly.
    """
    least: npt.NDArray[np.float64] = np.abs(bias) / (source.scales[0] * 2.0**_BIAS_BITS)
    return least


def _grids(
    quantization: Quantization, dimensions: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return scales and zero points in a shape that broadcasts."""
    shape = [1] * dimensions
    if quantization.is_per_channel:
        shape[quantization.axis] = -1
    scales = np.array(quantization.scales, np.float64).reshape(shape)
    return scales, np.array(quantization.zero_points, np.float64).reshape(shape)


def _float32(scale: float) -> float:
    return float(np.float32(max(scale, _SMALLEST_SCALE) if scale else _SCALE_OF_ZEROS))
