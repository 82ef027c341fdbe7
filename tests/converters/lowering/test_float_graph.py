"""A TFLite source is cleaned by the passes that lowering ends with, and keeps its names."""

import numpy as np

from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface, SourceLink
from edgekit.converters.lowering import take_over
from edgekit.converters.sources import open_source


def scaled_and_rectified():
    """Return a dense layer whose scale, shift and RELU stand behind it, as some converters do."""
    builder = GraphBuilder()
    x = Value("x", (1, 4), DataType.FLOAT32)
    builder.inputs = [x]
    weights = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    hidden = builder.emit("FULLY_CONNECTED", [x, builder.constant(weights, "w"), None], (1, 3))
    factor = builder.constant(np.array([2.0, 0.5, -1.0], np.float32), "factor")
    hidden = builder.emit("MUL", [hidden, factor], (1, 3), name="scaled")
    shift = builder.constant(np.array([1.0, 0.0, -1.0], np.float32), "shift")
    hidden = builder.emit("ADD", [hidden, shift], (1, 3), name="shifted")
    builder.outputs = [builder.emit("RELU", [hidden], (1, 3), name="y")]
    return builder.finish()


def test_scales_and_activations_are_folded(tmp_path):
    path = tmp_path / "net.tflite"
    path.write_bytes(write_graph(scaled_and_rectified()))
    taken = take_over(open_source(path))

    (operator,) = taken.graph.main.operators
    assert (operator.kind, operator.options["fused_activation_function"]) == ("FULLY_CONNECTED", 1)
    assert taken.inputs == (Interface("x", (0, 1)),)
    assert taken.outputs == (Interface("y", (0, 1)),)
    assert taken.links["y"] == SourceLink("y", (0, 1))
    assert taken.origins == {"y": "RELU 'y'"}
