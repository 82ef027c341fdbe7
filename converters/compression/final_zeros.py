"""Zeros of a final model's constants: where they are, and how small they make them."""

import zlib

import numpy as np
import numpy.typing as npt

from edgekit.bundle import DEFLATE_LEVEL
from edgekit.converters.compression.stored_weights import codes_of
from edgekit.converters.graph import Tensor
from edgekit.converters.quantize.parameters import real_values

__all__ = ["deflated_bytes", "zero_places"]

_RAW = -15  # zlib's window bits for deflate without a header, which is what a zip holds


def zero_places(tensor: Tensor) -> npt.NDArray[np.bool_]:
    """Return where a constant stands for exactly zero, in its own shape.

    Args:
        tensor: A constant of a type that NumPy has, or INT4.
    """
    codes = codes_of(tensor)
    assert codes is not None
    reals = codes if tensor.quantization is None else real_values(codes, tensor.quantization)
    return np.asarray(reals == 0)


def deflated_bytes(tensor: Tensor) -> int:
    """Return the size of a constant after the compression that a bundle's writer applies."""
    packer = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, _RAW)
    return len(packer.compress(tensor.data or b"") + packer.flush())
