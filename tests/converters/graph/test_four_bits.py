"""INT4 constants: two values a byte, through a graph and its file."""

import numpy as np
import pytest

from edgekit.converters.graph import (
    DataType,
    Quantization,
    peak_activation_bytes,
    read_graph,
    write_graph,
)
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.four_bits import pack_int4, unpack_int4


def test_the_first_value_is_the_low_half():
    assert pack_int4(np.array([1, -8, 7], np.int8)) == bytes([0x81, 0x07])


@pytest.mark.parametrize("shape", [(16,), (3, 5), (1, 3, 3, 7)])
def test_values_come_back(shape):
    values = np.random.default_rng(0).integers(-8, 8, shape).astype(np.int8)
    packed = pack_int4(values)
    assert len(packed) == (values.size + 1) // 2
    np.testing.assert_array_equal(unpack_int4(packed, shape), values)


@pytest.fixture
def graph():
    builder = GraphBuilder()
    x = Value("x", (1, 5), DataType.INT8, quantization=Quantization((0.1,), (0,), 0))
    weights = np.arange(-7, 8, dtype=np.int8).reshape(3, 5)
    w = Value("w", (3, 5), DataType.INT4, weights, Quantization((0.2,), (0,), 0))
    builder.inputs = [x]
    y = builder.emit("FULLY_CONNECTED", [x, w, None], (1, 3), name="y")
    builder.outputs = [y]
    return builder.finish()


def test_a_graph_keeps_them_through_its_file_and_a_builder(graph):
    again = read_graph(write_graph(graph))
    (stored,) = (tensor for tensor in again.main.tensors if tensor.name == "w")
    assert stored.dtype is DataType.INT4
    assert stored.data_bytes == stored.size_bytes == 8
    rebuilt = GraphBuilder.of(again).finish()
    assert [tensor.data for tensor in rebuilt.main.tensors] == [
        tensor.data for tensor in graph.main.tensors
    ]


def test_kernels_unpack_them_in_memory(graph):
    assert peak_activation_bytes(graph.main) == 5 + 3 + 15
