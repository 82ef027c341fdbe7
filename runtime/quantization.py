"""Between real numbers and the integers that stand for them: ``real = (q - zero_point) * scale``.

The arithmetic is that of TFLite's QUANTIZE and DEQUANTIZE reference kernels
(``tensorflow/lite/kernels/internal/reference/{quantize,dequantize}.h``), bit for bit.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from edgekit.runtime.errors import QuantizationError

__all__ = ["dequantize", "quantize"]

_DTYPES = ("int8", "uint8", "int16")
_BELOW_HALF = np.nextafter(np.float32(0.5), np.float32(0.0))


def quantize(values: NDArray[Any], dtype: DTypeLike, scale: float, zero_point: int) -> NDArray[Any]:
    """Return ``round(values / scale) + zero_point``, saturated to ``dtype``.

    The division is done in float32, halves are rounded away from zero (``std::round``), and
    what does not fit, infinities included, takes the nearest value that does.

    Args:
        values: Real numbers of any shape and floating type.
        dtype: ``int8``, ``uint8`` or ``int16``.
        scale: Real size of one integer step; finite and greater than zero.
        zero_point: The integer that stands for 0.0.

    Returns:
        An array of ``dtype`` and the shape of ``values``.

    Raises:
        QuantizationError: A value is NaN, or the type, the scale or the zero point is none of
            the above.
    """
    target = np.dtype(dtype)
    step, low, high = _parameters(target, scale, zero_point)
    with np.errstate(over="ignore"):
        # An array also where `values` is a scalar, so that the rest can work in place.
        real = np.array(values, np.float32)
        real /= step
    # Rounds halves away from zero for every float32: 0.5 itself would carry 0.49999997 to 1.0.
    real += np.copysign(_BELOW_HALF, real)
    np.trunc(real, out=real)
    real += np.float32(zero_point)
    np.maximum(real, low, out=real)
    np.minimum(real, high, out=real)
    if np.isnan(real).any():
        raise QuantizationError(
            f"NaN cannot be quantized to {target}", hint="check what computed the values"
        )
    return real.astype(target)


def dequantize(values: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Return ``(values - zero_point) * scale`` as float32.

    Args:
        values: Integers of any shape; ``int8``, ``uint8`` or ``int16``.
        scale: Real size of one integer step; finite and greater than zero.
        zero_point: The integer that stands for 0.0.

    Raises:
        QuantizationError: The type, the scale or the zero point is none of the above.
    """
    quantized = np.asarray(values)
    step, _, _ = _parameters(quantized.dtype, scale, zero_point)
    real = quantized.astype(np.float32)  # exact, and so is the difference: both are below 2**24
    real -= np.float32(zero_point)
    real *= step
    return real


@lru_cache(maxsize=1024)
def _parameters(
    dtype: np.dtype[Any], scale: float, zero_point: int
) -> tuple[np.float32, np.float32, np.float32]:
    """Return the scale and the smallest and the largest integer, after checking them."""
    if dtype.name not in _DTYPES:
        raise QuantizationError(
            f"{dtype} is not a quantized type", hint=f"use one of {', '.join(_DTYPES)}"
        )
    info = np.iinfo(dtype)
    if not info.min <= zero_point <= info.max:
        raise QuantizationError(
            f"the zero point {zero_point} is outside {dtype}",
            hint=f"it lies between {info.min} and {info.max}",
        )
    with np.errstate(over="ignore", under="ignore"):
        step = np.float32(scale)
    if not (step > 0 and np.isfinite(step)):
        raise QuantizationError(
            f"the scale {scale} is not a positive float32", hint="take it from the tensor"
        )
    return step, np.float32(info.min), np.float32(info.max)
