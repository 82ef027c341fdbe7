"""Which codes stand for zero, in every type that constants have."""

import zipfile
from io import BytesIO

import numpy as np
import pytest

from edgekit.bundle import DEFLATE_LEVEL
from edgekit.converters.compression.final_zeros import deflated_bytes, zero_places
from edgekit.converters.graph import DataType, Quantization, Tensor


def constant(data, shape, dtype, quantization=None):
    return Tensor(0, "w", shape, dtype, quantization, data)


@pytest.mark.parametrize("dtype", [DataType.FLOAT32, DataType.FLOAT16])
def test_floats(dtype):
    values = np.array([[0, 1], [-0.0, 2]], dtype.numpy)
    places = zero_places(constant(values.tobytes(), (2, 2), dtype))
    assert places.tolist() == [[True, False], [True, False]]


def test_integers_with_a_zero_point():
    values = np.array([[3, 0], [3, 1]], np.int8)
    whole = constant(values.tobytes(), (2, 2), DataType.INT8, Quantization((0.5,), (3,), 0))
    assert zero_places(whole).tolist() == [[True, False], [True, False]]
    each = Quantization((0.5, 0.5), (3, 1), 0)
    rows = constant(values.tobytes(), (2, 2), DataType.INT8, each)
    assert zero_places(rows).tolist() == [[True, False], [False, True]]


def test_four_bits():
    """The first of two values lies in the low half of a byte."""
    packed = bytes([0x10, 0x0F, 0x00])
    tensor = constant(packed, (5,), DataType.INT4, Quantization((1.0,), (0,), 0))
    assert zero_places(tensor).tolist() == [True, False, False, True, True]
    negative = constant(packed, (5,), DataType.INT4, Quantization((1.0,), (-1,), 0))
    assert zero_places(negative).tolist() == [False, False, True, False, False]


def test_the_compressed_size_is_a_zip_members():
    data = np.random.default_rng(0).integers(0, 3, 4000).astype(np.int8).tobytes()
    with zipfile.ZipFile(BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w", data, compresslevel=DEFLATE_LEVEL)
        wanted = archive.getinfo("w").compress_size
    assert deflated_bytes(constant(data, (4000,), DataType.INT8)) == wanted
