"""Patches times weights are the layer, as the LiteRT interpreter computes it."""

import numpy as np
import pytest

from edgekit.converters.accuracy.layers import Layer
from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner

SAME, VALID = 0, 1


def layer_of(kind, given, weights, result, **options):
    """Return a layer without a bias, its random input, and what the interpreter makes of it."""
    generator = np.random.default_rng(0)
    builder = GraphBuilder()
    source = Value("x", given, DataType.FLOAT32)
    builder.inputs = [source]
    constant = builder.constant(generator.standard_normal(weights).astype(np.float32), "w")
    zeros = builder.constant(np.zeros(result[-1], np.float32), "b")
    builder.outputs = [builder.emit(kind, [source, constant, zeros], result, name="y", **options)]
    content = write_graph(builder.finish())
    graph = read_graph(content)
    (operator,) = graph.main.operators
    tensors = [graph.main.tensors[index] for index in operator.inputs[:2]]
    layer = Layer(operator, *tensors, graph.main.tensors[operator.outputs[0]])
    sample = generator.standard_normal(given).astype(np.float32)
    order = tuple(range(len(given)))
    runner = TfliteRunner(content, [Interface("x", order)], [Interface("y", order)])
    return layer, sample, constant.data, runner.run({"x": sample})["y"]


def conv(stride, padding, dilation=1, **more):
    return {
        "stride_h": stride,
        "stride_w": stride,
        "dilation_h_factor": dilation,
        "dilation_w_factor": dilation,
        "padding": padding,
        **more,
    }


@pytest.mark.parametrize(
    ("kind", "given", "weights", "result", "options"),
    [
        ("CONV_2D", (1, 7, 6, 3), (5, 3, 2, 3), (1, 7, 6, 5), conv(1, SAME)),
        ("CONV_2D", (1, 7, 6, 3), (5, 3, 2, 3), (1, 3, 3, 5), conv(2, VALID)),
        ("CONV_2D", (1, 8, 8, 2), (4, 3, 3, 2), (1, 4, 4, 4), conv(2, SAME)),
        ("CONV_2D", (1, 9, 9, 2), (4, 3, 3, 2), (1, 5, 5, 4), conv(1, VALID, 2)),
        ("CONV_2D", (2, 5, 5, 6), (4, 1, 1, 3), (2, 5, 5, 4), conv(1, VALID)),
        (
            "DEPTHWISE_CONV_2D",
            (1, 6, 6, 3),
            (1, 3, 3, 6),
            (1, 3, 3, 6),
            conv(2, SAME, depth_multiplier=2),
        ),
        ("FULLY_CONNECTED", (4, 6), (5, 6), (4, 5), {}),
    ],
)
def test_patches_times_weights(kind, given, weights, result, options):
    layer, sample, values, expected = layer_of(kind, given, weights, result, **options)
    places = np.array([layer.positions() - 1, 0, 2])
    made = layer.patches(sample, places) @ layer.matrix(values).transpose(0, 2, 1)

    rows = expected.reshape(-1, result[-1])[places]
    np.testing.assert_allclose(made.transpose(1, 0, 2).reshape(3, -1), rows, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(layer.from_matrix(layer.matrix(values)), values)
