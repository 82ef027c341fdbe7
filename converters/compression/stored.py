"""The real numbers that a constant of a TFLite model stands for."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph import DataType, Tensor
from edgekit.converters.graph.four_bits import unpack_int4
from edgekit.converters.quantize.parameters import real_values

__all__ = ["stored_values"]


def stored_values(tensor: Tensor) -> npt.NDArray[Any]:
    """Return the values of a constant: ``scale * (integer - zero_point)`` where it has scales.

    Args:
        tensor: A constant of a type that NumPy has, or of INT4.
    """
    assert tensor.data is not None
    if tensor.dtype is DataType.INT4:
        values: npt.NDArray[Any] = unpack_int4(tensor.data, tensor.shape)
    else:
        values = np.frombuffer(tensor.data, tensor.dtype.numpy).reshape(tensor.shape)
    if tensor.quantization is None:
        return values
    return real_values(values, tensor.quantization)
