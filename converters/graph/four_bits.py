"""INT4 constants: two values a byte, the first in the low half.

Source: TensorFlow's `tensorflow/lite/kernels/internal/portable_tensor_utils.cc`,
UnpackDenseInt4IntoInt8.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["pack_int4", "unpack_int4"]


def pack_int4(values: npt.NDArray[Any]) -> bytes:
    """Return values from -8 to 7 as TFLite stores them; an odd count is filled up with zero."""
    flat = values.reshape(-1).astype(np.uint8) & 15
    padded = np.concatenate([flat, np.zeros(flat.size % 2, np.uint8)])
    packed: npt.NDArray[np.uint8] = padded[::2] | padded[1::2] << 4
    return packed.tobytes()


def unpack_int4(data: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.int8]:
    """Return what `pack_int4` packed, as int8 in its shape."""
    packed = np.frombuffer(data, np.uint8)
    halves = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)
    count = int(np.prod(shape))
    signed = (halves[:count].astype(np.int8) ^ 8) - 8
    return signed.reshape(shape)
