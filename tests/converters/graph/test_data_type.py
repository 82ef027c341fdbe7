"""Element types against TensorFlow Lite's schema and NumPy."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.converters.graph import DataType

WITHOUT_SIZE = {DataType.STRING, DataType.RESOURCE, DataType.VARIANT}


def test_every_type_of_the_schema_has_a_member():
    names = {name for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    assert names <= {item.value for item in DataType}


@pytest.mark.parametrize("item", DataType)
def test_bits_and_numpy_name(item):
    if item.numpy is None:
        assert item.bits < 8 or item not in {DataType.INT8, DataType.FLOAT32}
    else:
        assert item.bits == np.dtype(item.numpy).itemsize * 8
    assert (item.bits == 0) == (item in WITHOUT_SIZE)


@pytest.mark.parametrize("item", [item for item in DataType if item.numpy])
def test_float_is_what_numpy_calls_inexact(item):
    assert item.is_float == np.issubdtype(np.dtype(item.numpy), np.inexact)


def test_types_that_numpy_lacks():
    without = {item for item in DataType if item.numpy is None}
    assert {DataType.INT4, DataType.BFLOAT16, DataType.STRING, DataType.VARIANT} <= without
    assert DataType.BFLOAT16.is_float
    assert DataType.FLOAT8_E5M2.is_float
    assert not DataType.UINT4.is_float
    assert (DataType.INT4.bits, DataType.INT2.bits, DataType.BFLOAT16.bits) == (4, 2, 16)
