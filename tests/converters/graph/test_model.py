"""The typed graph: sizes and neighbours."""

import pytest

from edgekit.converters.graph import DataType, Graph, Operator, Quantization, Subgraph, Tensor


def tensor(index, shape, dtype=DataType.INT8, data=None):
    return Tensor(index, f"t{index}", shape, dtype, None, data)


@pytest.mark.parametrize(
    ("shape", "dtype", "size"),
    [
        ((), DataType.FLOAT32, 4),
        ((3,), DataType.INT4, 2),
        ((5,), DataType.INT2, 2),
        ((2, 3, 4), DataType.INT64, 192),
        ((2, 0), DataType.INT8, 0),
        ((7,), DataType.STRING, 0),
    ],
)
def test_size_in_memory(shape, dtype, size):
    assert tensor(0, shape, dtype).size_bytes == size


def test_constants_are_the_tensors_with_data():
    assert tensor(0, (4,), data=b"1234").is_constant
    assert not tensor(0, (4,)).is_constant


def test_per_channel_means_several_scales():
    assert not Quantization((0.5,), (0,), 3).is_per_channel
    assert Quantization((0.5, 0.25), (0, 0), 3).is_per_channel


def test_neighbours_of_an_operator_skip_absent_inputs():
    tensors = tuple(tensor(index, (1,)) for index in range(4))
    operator = Operator(0, "CONV_2D", 1, (2, 0, -1), (3,), is_custom=False)
    graph = Graph((Subgraph("main", tensors, (operator,), (2,), (3,)),), 100)
    assert [item.index for item in graph.main.inputs_of(operator)] == [2, 0]
    assert [item.index for item in graph.main.outputs_of(operator)] == [3]
