"""The error that is taken out of a bias is the one that LiteRT computes, padding included."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.quantize.correction import expected_error

SAME, VALID = 0, 1
GENERATOR = np.random.default_rng(8)
X, Y = Interface("x", (0, 1, 2, 3)), Interface("y", (0, 1, 2, 3))


def layer(kind, sizes, weights, outputs, **options):
    """Return a float model of one layer, and the layer."""
    builder = GraphBuilder()
    source = Value("x", sizes, DataType.FLOAT32)
    output = Value("y", outputs, DataType.FLOAT32)
    bias = np.zeros(outputs[-1], np.float32)
    operands = [source, builder.constant(weights, "w"), builder.constant(bias, "b")]
    node = Node(kind, operands, [output], options)
    builder.inputs, builder.nodes, builder.outputs = [source], [node], [output]
    return write_graph(builder.finish()), node, source


def compare(kind, sizes, weights, outputs, **options):
    rounded = np.round(weights * 4) / 4
    means = GENERATOR.standard_normal(sizes[-1]).astype(np.float32)
    sample = {"x": np.broadcast_to(means, sizes).copy()}
    content, node, source = layer(kind, sizes, weights, outputs, **options)
    true = TfliteRunner(content, [X], [Y]).run(sample)["y"]
    content, *_ = layer(kind, sizes, rounded.astype(np.float32), outputs, **options)
    off = TfliteRunner(content, [X], [Y]).run(sample)["y"]

    found = expected_error(node, source, weights, rounded, means.astype(np.float64))

    expected = (true - off).reshape(-1, outputs[-1]).mean(0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def weights_of(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    ("padding", "stride", "dilation", "positions"),
    [(VALID, 1, 1, 3), (SAME, 1, 1, 5), (SAME, 2, 1, 3), (SAME, 1, 2, 5), (VALID, 1, 2, 1)],
)
def test_convolutions(groups, padding, stride, dilation, positions):
    compare(
        "CONV_2D",
        (1, 5, 5, 4),
        weights_of(6, 3, 3, 4 // groups),
        (1, positions, positions, 6),
        padding=padding,
        stride_h=stride,
        stride_w=stride,
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
    )


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize(("padding", "rows"), [(VALID, 1), (SAME, 3)])
def test_depthwise_convolutions(multiplier, padding, rows):
    compare(
        "DEPTHWISE_CONV_2D",
        (1, 3, 6, 4),
        weights_of(1, 3, 1, 4 * multiplier),
        (1, rows, 6, 4 * multiplier),
        padding=padding,
        stride_h=1,
        stride_w=1,
        depth_multiplier=multiplier,
    )


def test_fully_connected_layers():
    compare("FULLY_CONNECTED", (1, 1, 3, 5), weights_of(7, 5), (1, 1, 3, 7), keep_num_dims=True)


def test_what_is_flattened_on_the_way_has_no_channels_to_correct():
    node = Node("FULLY_CONNECTED", [], [])
    weights = weights_of(7, 20)

    assert expected_error(node, None, weights, weights, np.zeros(5)) is None
