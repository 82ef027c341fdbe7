"""DepthToSpace and SpaceToDepth against onnxruntime, and what a convolution takes over."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.graph import write_graph
from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.registry import find_handler
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode

NHWC = (0, 2, 3, 1)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize("block", [2, 3])
def test_depth_to_space(lower, make_model, mode, block):
    node = helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=block, mode=mode)
    model = make_model([node], {"x": (1, 2 * block**2, 3, 4)}, ["y"])
    expected = ["DEPTH_TO_SPACE"] if mode == "DCR" else ["GATHER", "DEPTH_TO_SPACE"]
    assert lower(model).kinds == expected


@pytest.mark.parametrize("block", [2, 3])
def test_space_to_depth(lower, make_model, block):
    node = helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=block)
    model = make_model([node], {"x": (1, 3, 2 * block, 3 * block)}, ["y"])
    assert lower(model).kinds == ["SPACE_TO_DEPTH"]


def test_space_to_depth_by_channels():
    """Of opset 28, which onnxruntime 1.31 does not run: against the definition."""
    data = np.arange(2 * 4 * 6, dtype=np.float32).reshape(1, 2, 4, 6)
    blocks = data.reshape(1, 2, 2, 2, 3, 2)
    wanted = blocks.transpose(0, 1, 3, 5, 2, 4).reshape(1, 8, 2, 3)
    node = SourceNode("SpaceToDepth", "", 28, "s", ("x",), ("y",), {"blocksize": 2, "mode": b"CRD"})
    types = {name: np.dtype(np.float32) for name in "xy"}
    shapes = {"x": data.shape, "y": wanted.shape}
    context = Lowering(SourceGraph((node,), ("x",), ("y",), shapes, types, {}))
    value = Value("x", (1, 4, 6, 2), DataType.FLOAT32)
    context.builder.inputs = [value]
    context.set("x", value, NHWC)
    find_handler(node)(context, node)
    context.builder.outputs = [context.get("y", NHWC)]
    runner = TfliteRunner(
        write_graph(context.builder.finish()), [Interface("x", NHWC)], [Interface("y", NHWC)]
    )
    np.testing.assert_array_equal(runner.run({"x": data})["y"], wanted.transpose(NHWC))


@pytest.mark.parametrize("activation", [None, "Relu", "Tanh"])
def test_a_pixel_shuffle_goes_into_the_convolution(lower, make_model, activation):
    generator = np.random.default_rng(0)
    constants = {
        "w": generator.standard_normal((12, 3, 3, 3)).astype(np.float32),
        "b": generator.standard_normal(12).astype(np.float32),
    }
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1])]
    if activation:
        nodes.append(helper.make_node(activation, ["c"], ["d"]))
    given = "d" if activation else "c"
    nodes.append(helper.make_node("DepthToSpace", [given], ["y"], blocksize=2, mode="CRD"))
    lowered = lower(make_model(nodes, {"x": (1, 3, 4, 4)}, ["y"], constants))
    assert lowered.count("GATHER") == 0
