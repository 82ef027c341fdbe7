"""Tensors inside of a source, whichever format it has."""

import numpy as np

from edgekit.converters.graph import write_graph
from edgekit.converters.sources import open_source
from edgekit.converters.sources.inner_tensors import open_inner_tensors


def test_those_of_an_onnx_model(small_models, open_onnx):
    nodes = [small_models.node("Abs", "x", "a"), small_models.node("Neg", "a", "y")]
    source = open_onnx(small_models.onnx_model(nodes, [("x", (1, 4))], [("y", (1, 4))]))
    sample = {"x": np.array([[1.0, -2.0, 0.5, -3.0]], np.float32)}
    inner = open_inner_tensors(source, {"a", "y", "absent"}).run(sample)
    assert list(inner) == ["a", "y"]
    np.testing.assert_array_equal(inner["a"], np.abs(sample["x"]))
    assert open_inner_tensors(source, {"absent"}).run(sample) == {}


def test_those_of_a_tflite_model(dense_graph, tmp_path):
    graph = dense_graph(
        lambda b: setattr(b, "outputs", [b.emit("TANH", [b.outputs[0]], (1, 3), name="z")])
    )
    path = tmp_path / "net.tflite"
    path.write_bytes(write_graph(graph))
    weights = next(t for t in graph.main.tensors if t.name == "w")
    matrix = np.frombuffer(weights.data, np.float32).reshape(weights.shape)
    sample = {"x": np.array([[1.0, -2.0, 0.5, 3.0]], np.float32)}
    inner = open_inner_tensors(open_source(path), {"y", "absent"}).run(sample)
    assert list(inner) == ["y"]
    np.testing.assert_allclose(inner["y"], sample["x"] @ matrix.T, rtol=1e-5)
