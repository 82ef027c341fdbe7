"""Sums become additions with the same values."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums


def _model(count: int) -> onnx.ModelProto:
    names = [f"x{index}" for index in range(count)]
    shapes = [[1, 4] if index % 2 else [3, 4] for index in range(count)]
    graph = helper.make_graph(
        [
            helper.make_node("Sum", names, ["total"], name="sum"),
            helper.make_node("Relu", ["total"], ["y"]),
        ],
        "sums",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in zip(names, shapes, strict=True)
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 4])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def _run(model: onnx.ModelProto, feed: dict[str, np.ndarray]) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed)[0]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_sums_become_additions_with_the_same_values(count):
    generator = np.random.default_rng(count)
    model = _model(count)
    feed = {
        value.name: generator.standard_normal(
            [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        ).astype(np.float32)
        for value in model.graph.input
    }
    expected = _run(model, feed)

    split_sums(model.graph)

    onnx.checker.check_model(model)
    kinds = [node.op_type for node in model.graph.node]
    assert "Sum" not in kinds
    assert kinds.count("Add") == count - 1
    np.testing.assert_allclose(_run(model, feed), expected, rtol=1e-6)
    # Messages go on to speak of the user's node.
    assert "sum" in [node.name for node in model.graph.node]


def test_a_sum_of_another_domain_is_not_touched():
    graph = helper.make_graph(
        [helper.make_node("Sum", ["a", "b"], ["y"], domain="custom")], "custom", [], []
    )

    split_sums(graph)

    assert [node.op_type for node in graph.node] == ["Sum"]


def _softmax_model(opset: int, kind: str, axis: int | None) -> onnx.ModelProto:
    attributes = {} if axis is None else {"axis": axis}
    graph = helper.make_graph(
        [
            helper.make_node("Relu", ["x"], ["a"]),
            helper.make_node(kind, ["a"], ["y"], name="soft", **attributes),
        ],
        "softmax",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3, 4, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3, 4, 5])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, 3])
def test_old_softmax_is_written_out_with_the_same_values(kind, axis):
    model = _softmax_model(9, kind, axis)
    feed = {"x": np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype(np.float32)}
    expected = _run(model, feed)

    flatten_old_softmax(model)

    onnx.checker.check_model(model)
    np.testing.assert_allclose(_run(model, feed), expected, rtol=1e-6, atol=1e-7)
    (node,) = [node for node in model.graph.node if node.op_type == kind]
    assert node.name == "soft"
    # What is left means the same in every opset: along the last axis.
    shapes = {v.name: v for v in onnx.shape_inference.infer_shapes(model).graph.value_info}
    given = next((item.i for item in node.attribute), 1)
    assert given in (-1, len(shapes[node.input[0]].type.tensor_type.shape.dim) - 1)


def test_a_softmax_of_opset_13_is_not_touched():
    model = _softmax_model(13, "Softmax", 1)

    flatten_old_softmax(model)

    assert [node.op_type for node in model.graph.node] == ["Relu", "Softmax"]
