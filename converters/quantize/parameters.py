"""From a range of real values to scale and zero point, and constants to integers.

Formulas: TFLite's 8-bit quantization specification
(https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization

__all__ = [
    "SENTINEL",
    "ActivationType",
    "bias_of",
    "quantize_values",
    "weights_of",
    "without_sentinels",
]

_WEIGHT_LIMIT = 127  # weights use -127..127: a symmetric grid, and products stay in range
SENTINEL = 1e9
"""From this magnitude on a value stands for infinity, as masks of attention have it."""

_SMALLEST_SCALE = 1e-9  # of a channel or tensor without any value but zero


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
            scale = _float32(max(-low / top, high / top, finest))
            return Quantization((scale,), (0,), 0)
        scale = _float32(max((high - low) / (top - bottom), finest))
        point = round(bottom - low / scale)
        return Quantization((scale,), (int(np.clip(point, bottom, top)),), 0)


def quantize_values(
    values: npt.NDArray[Any], quantization: Quantization, dtype: DataType
) -> npt.NDArray[Any]:
    """Return the integers of constant values, rounded half to even and saturated."""
    info = np.iinfo(str(dtype.numpy))
    shape = [1] * values.ndim
    if quantization.is_per_channel:
        shape[quantization.axis] = -1
    scales = np.array(quantization.scales, np.float64).reshape(shape)
    points = np.array(quantization.zero_points, np.float64).reshape(shape)
    integers = np.round(values.astype(np.float64) / scales) + points
    return np.clip(integers, info.min, info.max).astype(dtype.numpy)


def without_sentinels(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values that are meant as such, in one dimension."""
    flat = values.reshape(-1)
    meant: npt.NDArray[Any] = flat[np.abs(flat) < SENTINEL]
    return meant


def weights_of(values: npt.NDArray[Any], axis: int | None) -> Quantization:
    """Return symmetric parameters of weights, one scale for each index along ``axis``."""
    if axis is None:
        largest = np.array([np.max(np.abs(values), initial=0.0)])
    else:
        others = tuple(index for index in range(values.ndim) if index != axis)
        largest = np.max(np.abs(values), axis=others, initial=0.0)
    scales = tuple(_float32(value / _WEIGHT_LIMIT) for value in largest)
    return Quantization(scales, (0,) * len(scales), axis or 0)


def bias_of(source: Quantization, weights: Quantization) -> Quantization:
    """Return the parameters of a bias: the input's scale times each weight scale."""
    scales = tuple(
        float(np.float32(source.scales[0]) * np.float32(scale)) for scale in weights.scales
    )
    return Quantization(scales, (0,) * len(scales), 0)


def _float32(scale: float) -> float:
    return float(np.float32(max(scale, _SMALLEST_SCALE)))
