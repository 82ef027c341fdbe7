"""Chains end where a factor for each channel would not pass through exactly."""

import numpy as np
import pytest

from edgekit.converters.accuracy.chains import find_chains
from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import GraphBuilder, Value

CONV = {
    "stride_h": 1,
    "stride_w": 1,
    "dilation_h_factor": 1,
    "dilation_w_factor": 1,
    "padding": 1,
}
PLAIN, RELU, RELU6 = 0, 1, 3


def two_layers(between, activation=PLAIN):
    """Two 1x1 convolutions ``[1,4,4,6]`` with something between; return what find_chains does."""
    builder = GraphBuilder()
    source = Value("x", (1, 4, 4, 6), DataType.FLOAT32)
    builder.inputs = [source]
    hidden = conv(builder, source, "first", activation)
    builder.outputs = [conv(builder, between(builder, hidden), "second")]
    return builder, find_chains(builder)


def conv(builder, source, name, activation=PLAIN):
    weights = builder.constant(np.ones((6, 1, 1, source.shape[-1]), np.float32), f"{name}/w")
    bias = builder.constant(np.ones(6, np.float32), f"{name}/b")
    shape = (*source.shape[:3], 6)
    return builder.emit(
        "CONV_2D",
        [source, weights, bias],
        shape,
        name=name,
        fused_activation_function=activation,
        **CONV,
    )


def emitted(kind, shape=(1, 4, 4, 6), more=(), **options):
    def between(builder, value):
        others = [builder.constant(np.asarray(item), f"{kind}/{n}") for n, item in enumerate(more)]
        return builder.emit(kind, [value, *others], shape, **options)

    return between


def directly(_builder, value):
    return value


@pytest.mark.parametrize(
    ("between", "activation", "count"),
    [
        (directly, PLAIN, 1),
        (directly, RELU, 1),
        (directly, RELU6, 0),
        (emitted("RELU"), PLAIN, 1),
        (emitted("RELU6"), PLAIN, 0),
        (emitted("LEAKY_RELU", alpha=0.1), PLAIN, 1),
        (emitted("TANH"), PLAIN, 0),
        (emitted("MAX_POOL_2D", (1, 2, 2, 6), fused_activation_function=RELU), PLAIN, 1),
        (emitted("AVERAGE_POOL_2D", (1, 2, 2, 6), fused_activation_function=RELU6), PLAIN, 0),
        (emitted("MEAN", (1, 1, 4, 6), [np.int32([1])], keep_dims=True), PLAIN, 1),
        (emitted("MEAN", (1, 4, 4, 1), [np.int32([-1])], keep_dims=True), PLAIN, 0),
        (emitted("RESHAPE", (1, 2, 8, 6), [np.int32([1, 2, 8, 6])]), PLAIN, 1),
        (emitted("RESHAPE", (1, 2, 4, 12), [np.int32([1, 2, 4, 12])]), PLAIN, 1),
        (emitted("RESHAPE", (1, 4, 8, 3), [np.int32([1, 4, 8, 3])]), PLAIN, 0),
        (emitted("ADD", more=[np.ones(6, np.float32)]), PLAIN, 0),
    ],
)
def test_what_may_stand_between(between, activation, count):
    builder, chains = two_layers(between, activation)
    assert len(chains) == count
    for chain in chains:
        assert (chain.first, chain.readers) == (builder.nodes[0], (builder.nodes[-1],))
        assert {"first", "first/w", "second/w", "second/b"} - {"second/b"} <= chain.names


def test_an_output_of_the_model_and_shared_weights_stay():
    builder, chains = two_layers(directly)
    assert len(chains) == 1
    builder.outputs.append(builder.nodes[0].outputs[0])
    assert find_chains(builder) == []
    builder.outputs.pop()
    third = conv(builder, builder.outputs[0], "third")
    builder.outputs = [third]
    builder.nodes[2].inputs[1] = builder.nodes[1].inputs[1]
    assert find_chains(builder) == []


def test_all_readers_take_the_factor_back():
    builder, _ = two_layers(directly)
    other = conv(builder, builder.nodes[0].outputs[0], "other")
    builder.outputs.append(other)
    (chain,) = find_chains(builder)
    assert [node.outputs[0].name for node in chain.readers] == ["second", "other"]
    builder.outputs.append(builder.emit("TANH", [builder.nodes[0].outputs[0]], (1, 4, 4, 6)))
    assert find_chains(builder) == []
