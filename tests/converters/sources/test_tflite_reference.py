"""The reference of a TFLite source is LiteRT on the file itself."""

import numpy as np

from edgekit.converters.graph import write_graph
from edgekit.converters.sources import SourceTensor
from edgekit.converters.sources.tflite_reference import TfliteReference


def test_outputs_by_name_and_inner_tensors_by_index(dense_graph):
    graph = dense_graph(
        lambda b: setattr(b, "outputs", [b.emit("TANH", [b.outputs[0]], (1, 3), name="z")])
    )
    weights = next(t for t in graph.main.tensors if t.name == "w")
    matrix = np.frombuffer(weights.data, np.float32).reshape(weights.shape)
    reference = TfliteReference(write_graph(graph), [SourceTensor("x", "float32", (1, 4))], ["z"])
    sample = {"x": np.array([[1.0, -2.0, 0.5, 3.0]], np.float32)}
    product = sample["x"] @ matrix.T

    np.testing.assert_allclose(reference.run(sample)["z"], np.tanh(product), rtol=1e-5)
    inner = reference.run_with_inner_tensors(sample, range(len(graph.main.tensors)))
    by_name = {graph.main.tensors[index].name: values for index, values in inner.items()}
    np.testing.assert_allclose(by_name["y"], product, rtol=1e-5)
    np.testing.assert_array_equal(by_name["w"], matrix)
