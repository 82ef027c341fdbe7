"""Zeros around a picture that become the padding of a convolution."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.lowering.passes.pads import fold_pads
from edgekit.converters.lowering.windows import SAME, VALID


@pytest.mark.parametrize(
    ("pads", "strides", "expected"),
    [
        ((1, 1, 1, 1), (1, 1), ["CONV_2D"]),
        ((0, 0, 1, 1), (2, 2), ["CONV_2D"]),
        ((1, 1, 0, 0), (2, 2), ["PAD", "CONV_2D"]),
        ((2, 1, 2, 1), (1, 1), ["PAD", "CONV_2D"]),
    ],
)
@pytest.mark.parametrize("group", [1, 4])
def test_pads(lower, make_model, pads, strides, expected, group):
    nodes = [
        helper.make_node("Pad", ["x", "p"], ["h"]),
        helper.make_node("Conv", ["h", "w"], ["y"], strides=strides, group=group),
    ]
    top, left, bottom, right = pads
    constants = {
        "p": np.array([0, 0, top, left, 0, 0, bottom, right], np.int64),
        "w": np.random.default_rng(0).standard_normal((4, 4 // group, 3, 3)).astype(np.float32),
    }
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))
    conv = "CONV_2D" if group == 1 else "DEPTHWISE_CONV_2D"
    assert lowered.kinds == [kind.replace("CONV_2D", conv) for kind in expected]


@pytest.mark.parametrize(
    ("pads", "stride", "folded"),
    [((1, 1), 1, True), ((0, 1), 2, True), ((1, 0), 2, False), ((1, 2), 1, False)],
)
def test_what_is_folded_in_a_graph(pads, stride, folded):
    builder = GraphBuilder()
    x = Value("x", (1, 4, 4, 2), DataType.FLOAT32)
    size = 4 + sum(pads)
    amounts = builder.constant(np.array([(0, 0), pads, pads, (0, 0)], np.int32), "amounts")
    padded = builder.emit("PAD", [x, amounts], (1, size, size, 2))
    filters = builder.constant(np.ones((2, 3, 3, 2), np.float32), "filters")
    out = (size - 3) // stride + 1
    options = {f"stride_{side}": stride for side in "hw"}
    options.update({f"dilation_{side}_factor": 1 for side in "hw"})
    result = builder.emit(
        "CONV_2D", [padded, filters, None], (1, out, out, 2), padding=VALID, **options
    )
    builder.inputs, builder.outputs = [x], [result]
    assert fold_pads(builder) is folded
    assert builder.nodes[-1].options["padding"] == (SAME if folded else VALID)
    assert (builder.nodes[-1].inputs[0] is x) is folded
