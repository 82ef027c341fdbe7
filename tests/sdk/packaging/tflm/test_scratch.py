"""CMSIS-NN's sizes, worked out by hand from its formulas."""

import pytest

from edgekit.converters.graph import DataType, Graph, Operator, Subgraph, Tensor
from edgekit.device_profiles.profile import IsaFeature
from edgekit.packaging.tflm.scratch import cmsis_nn_bytes

DSP, MVE = frozenset([IsaFeature.DSP]), frozenset([IsaFeature.DSP, IsaFeature.MVE])


def graph(kind, data, weights, dtype=DataType.INT8):
    shapes = (data, weights, (1,))
    types = (dtype, DataType.INT8, dtype)
    tensors = tuple(
        Tensor(index, f"t{index}", shape, of, None)
        for index, (shape, of) in enumerate(zip(shapes, types, strict=True))
    )
    operator = Operator(0, kind, 1, (0, 1), (2,))
    return Graph((Subgraph("main", tensors, (operator,), (0,), (2,)),))


@pytest.mark.parametrize(
    ("kind", "data", "weights", "dsp", "mve"),
    [
        # 5 x 5 x 3 = 75 columns: two of int16 padded to 76; four of int8 padded to 80.
        ("CONV_2D", (1, 9, 9, 3), (8, 5, 5, 3), 2 * 76 * 2 + 12, 4 * 80 + 12),
        ("DEPTHWISE_CONV_2D", (1, 9, 9, 64), (1, 3, 3, 64), 0, 4 * 124 * 9 + 12),
        ("DEPTHWISE_CONV_2D", (1, 9, 9, 64), (1, 5, 1, 64), 64 * 5 * 2 + 12, 4 * 124 * 5 + 12),
        ("FULLY_CONNECTED", (1, 640), (128, 640), 0, 4 * 128),
        ("AVERAGE_POOL_2D", (1, 4, 4, 64), (1,), 256 + 12, 256 + 12),
        ("RELU", (1, 4), (1,), 0, 0),
    ],
)
def test_sizes(kind, data, weights, dsp, mve):
    model = graph(kind, data, weights)
    assert cmsis_nn_bytes(model, DSP) == dsp
    assert cmsis_nn_bytes(model, MVE) == mve
    assert cmsis_nn_bytes(model, frozenset()) == 0


def test_int16_data_take_twice_as_much():
    wide = graph("CONV_2D", (1, 9, 9, 3), (8, 5, 5, 3), DataType.INT16)
    assert cmsis_nn_bytes(wide, DSP) == 2 * 2 * 76 * 2 + 12
