"""Channels that nobody needs leave a network, whose outputs stay those of onnxruntime."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.compression.channel_removal import remove_channels
from edgekit.converters.graph import write_graph
from edgekit.converters.lowering import lower_source, take_over
from edgekit.converters.removed_channels import ChannelCounts
from edgekit.converters.sources import open_source

PICTURE = (1, 3, 8, 8)
SAME = {"pads": (1, 1, 1, 1)}
DEAD = (0, 3, 6)


def test_a_zero_channel_leaves_both_layers(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), **SAME)
    left = relieve(model)
    assert left.of("CONV_2D") == [(1, 8, 8, 5), (1, 8, 8, 4)]
    assert left.removed.layers == {
        "a.w": ChannelCounts((8, 5), (3, 3)),
        "y.w": ChannelCounts((4, 4), (8, 5)),
    }
    assert left.removed.macs == (64 * 27 * 8 + 64 * 72 * 4, 64 * 27 * 5 + 64 * 45 * 4)
    assert left.removed.difference <= 1e-5
    assert "a" not in left.links  # the parity report would compare other channels
    assert left.links["y"].axes == (0, 2, 3, 1)
    assert left.links["a.w"].axes is None


def test_dense_networks_stay(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), **SAME)
    assert relieve(model).removed is None


@pytest.mark.parametrize(
    ("bias", "second", "left"),
    [
        (0.7, {}, 5),  # no padding: the constant goes into the next bias
        (0.7, SAME, 8),  # at the border fewer taps see it
        (-0.7, SAME, 5),  # ReLU makes zero of it
    ],
)
def test_a_bias_leaves_a_constant(bias, second, left, net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, bias=bias, **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), **second)
    assert relieve(model).of("CONV_2D")[0] == (1, 8, 8, left)


ACTIVATIONS = {
    "Relu": {},
    "LeakyRelu": {"alpha": 0.2},
    "Sigmoid": {},
    "Tanh": {},
    "Elu": {},
    "HardSwish": {},
    "Gelu": {},
    "Abs": {},
    "Exp": {},
}


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_constants_pass_activations(kind, net, relieve):
    model = net((2, 6))
    model.layer("Gemm", "x", "a", (6, 8), axis=1, dead=DEAD, bias=-0.4)
    model.add(kind, "a", "r", **ACTIVATIONS[kind])
    model.layer("Gemm", "r", "y", (8, 4), axis=1)
    assert relieve(model).of("FULLY_CONNECTED") == [(2, 5), (2, 4)]


@pytest.mark.parametrize(("other", "left"), [(DEAD, 5), ((0, 3, 5), 6), ((), 8)])
def test_a_sum_loses_what_all_branches_lack(other, left, net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.layer("Conv", "x", "b", (8, 3, 1, 1), dead=other)
    model.add("Add", "a b", "s")
    model.add("Relu", "s", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), **SAME)
    assert relieve(model).of("ADD") == [(1, 8, 8, left)]


def test_joined_branches_lose_their_own(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.layer("Conv", "x", "b", (4, 3, 3, 3), dead=(1,), bias=0.5, **SAME)
    model.add("Concat", "a x b", "j", axis=1)
    model.layer("Conv", "j", "y", (4, 15, 1, 1))
    left = relieve(model)
    assert left.of("CONCATENATION") == [(1, 8, 8, 5 + 3 + 3)]


def test_a_join_that_takes_one_constant_twice(net, relieve):
    model = net(PICTURE)
    model.constants["k"] = model.random.standard_normal((1, 2, 8, 8)).astype(np.float32)
    model.layer("Conv", "x", "a", (4, 3, 3, 3), dead=(1,), **SAME)
    model.add("Concat", "k a k", "j", axis=1)
    model.layer("Conv", "j", "y", (4, 8, 1, 1))
    model.constants["y.w"][:, [1, 6]] = 0  # one channel of each, and not the same
    assert relieve(model).of("CONCATENATION") == [(1, 8, 8, 5)]


def test_depthwise_layers_and_means(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, bias=-1.0, **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "d", (8, 1, 3, 3), dead=(1,), bias=0.3, group=8, **SAME)
    model.add("Relu", "d", "s")
    model.layer("Conv", "s", "p", (6, 8, 1, 1), dead=(5,), bias=2.0)
    model.add("GlobalAveragePool", "p", "g")
    model.add("Flatten", "g", "f")
    model.layer("Gemm", "f", "y", (6, 3), axis=1)
    left = relieve(model)
    assert left.of("DEPTHWISE_CONV_2D") == [(1, 8, 8, 4)]
    assert left.of("CONV_2D") == [(1, 8, 8, 4), (1, 8, 8, 5)]
    assert left.removed.layers["y.w"].inputs == (6, 5)


def test_depthwise_layers_with_a_multiplier(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (4, 3, 3, 3), dead=(2,), **SAME)
    model.layer("Conv", "a", "d", (8, 1, 3, 3), group=4, dead=(4, 5), **SAME)
    model.layer("Conv", "d", "y", (4, 8, 1, 1))
    assert relieve(model).of("DEPTHWISE_CONV_2D") == [(1, 8, 8, 6)]


@pytest.mark.parametrize("pool", ["MaxPool", "AveragePool"])
def test_pools_and_a_flattened_picture(pool, net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, bias=0.5, **SAME)
    model.add(pool, "a", "p", kernel_shape=(2, 2), strides=(2, 2))
    model.add("Flatten", "p", "f")
    model.layer("Gemm", "f", "y", (128, 5), axis=1)
    left = relieve(model)
    assert left.of(f"{pool.removesuffix('Pool').upper()}_POOL_2D") == [(1, 4, 4, 5)]
    assert left.removed.layers["y.w"] == ChannelCounts((5, 5), (8 * 16, 5 * 16))


def test_channels_that_nobody_reads(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), axis=0, **SAME)
    model.constants["y.w"][:, list(DEAD)] = 0
    assert relieve(model).of("CONV_2D") == [(1, 8, 8, 5), (1, 8, 8, 4)]


def test_outputs_keep_all_channels(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "y", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.layer("Conv", "y", "z", (8, 8, 3, 3), dead=DEAD, **SAME)
    left = relieve(model, ("y", "z"))
    assert left.of("CONV_2D") == [(1, 8, 8, 8), (1, 8, 8, 8)]
    assert left.removed is None


def test_transposed_convolutions(net, relieve):
    model = net((1, 4, 5, 5))
    model.layer("Conv", "x", "a", (8, 4, 3, 3), dead=DEAD, **SAME)
    model.layer("ConvTranspose", "a", "t", (8, 6, 2, 2), axis=1, dead=(2,), strides=(2, 2))
    model.add("Relu", "t", "r")
    model.layer("Conv", "r", "y", (2, 6, 3, 3), **SAME)
    assert relieve(model).of("TRANSPOSE_CONV") == [(1, 10, 10, 5)]


def test_attention_over_channels(net, relieve):
    """Squeeze and excitation: a factor for each channel, computed from all of them."""
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, bias=-0.5, **SAME)
    model.add("Relu", "a", "r")
    model.add("GlobalAveragePool", "r", "g")
    model.layer("Conv", "g", "q", (4, 8, 1, 1), dead=(1,))
    model.add("Relu", "q", "q2")
    model.layer("Conv", "q2", "e", (8, 4, 1, 1))
    model.add("Sigmoid", "e", "e2")
    model.add("Mul", "r e2", "m")
    model.layer("Conv", "m", "y", (4, 8, 3, 3), **SAME)
    left = relieve(model)
    assert left.of("MUL") == [(1, 8, 8, 5)]
    assert left.removed.layers["q.w"] == ChannelCounts((4, 3), (8, 5))


def test_a_shortcut_that_pads_channels(net, relieve):
    model = net((1, 4, 8, 8))
    model.layer("Conv", "x", "a", (4, 4, 3, 3), dead=(1,), **SAME)
    model.add("Relu", "a", "r")
    model.constants["pads"] = np.array([0, 2, 0, 0, 0, 2, 0, 0])
    model.add("Pad", "r pads", "p")
    model.layer("Conv", "r", "b", (8, 4, 3, 3), dead=(0, 3, 5), **SAME)
    model.add("Add", "b p", "s")
    model.layer("Conv", "s", "y", (4, 8, 3, 3), **SAME)
    # Of the padded eight: 0 and 1 are zeros before, 3 is the dead one, 6 and 7 zeros behind.
    assert relieve(model).of("PAD") == [(1, 8, 8, 6)]


def test_scales_and_shifts_between_layers(net, relieve):
    """A batch normalization before an activation whose input has other readers, unfolded."""
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.layer("Conv", "x", "b", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.add("Add", "a b", "s")
    for name in ("scale", "shift", "mean"):
        model.constants[name] = model.random.standard_normal(8).astype(np.float32)
    model.constants["shift"] = -np.abs(model.constants["shift"]) - np.abs(
        model.constants["scale"] * model.constants["mean"] * 4
    )
    model.constants["var"] = np.full(8, 0.5, np.float32)
    model.add("BatchNormalization", "s scale shift mean var", "n")
    model.add("Relu", "n", "r")
    model.layer("Conv", "r", "c", (8, 8, 3, 3), dead=DEAD, **SAME)
    model.add("Add", "c s", "t")
    model.layer("Conv", "t", "y", (4, 8, 3, 3), **SAME)
    left = relieve(model)
    assert {shape[-1] for kind, shape in left.shapes[:-1]} == {5}


def test_parts_of_the_channels(net, relieve):
    """A split in halves, one of which goes through a layer of its own, and a slice."""
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=(0, 3, 7), bias=0.25, **SAME)
    model.nodes.append(helper.make_node("Split", ["a"], ["h", "k"], "split", axis=1, num_outputs=2))
    model.layer("Conv", "k", "l", (4, 4, 3, 3), dead=(1,))
    model.constants["pads"] = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    model.add("Pad", "l pads", "m")
    for name, number in (("from", 1), ("to", 3), ("axis", 1)):
        model.constants[name] = np.array([number])
    model.add("Slice", "a from to axis", "s")
    model.add("Concat", "h m s", "j", axis=1)
    model.layer("Conv", "j", "y", (4, 10, 1, 1))
    left = relieve(model)
    assert left.of("SPLIT_V") == [(1, 8, 8, 2)]
    assert left.of("SLICE") == [(1, 8, 8, 2)]
    assert left.of("CONCATENATION") == [(1, 8, 8, 2 + 3 + 2)]
    assert left.removed.layers["l.w"].inputs == (4, 3)


def test_a_tflite_source(net, open_onnx, tmp_path):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "y", (4, 8, 3, 3), **SAME)
    whole = lower_source(open_onnx(model.model()))
    (tmp_path / "net.tflite").write_bytes(write_graph(whole.graph))
    source = open_source(tmp_path / "net.tflite")
    graph, removed = remove_channels(source, take_over(source))
    assert removed.difference <= 1e-5
    assert [counts.outputs for counts in removed.layers.values()] == [(8, 5), (4, 4)]
    assert graph.graph.signatures == whole.graph.signatures


def test_groups_and_unknown_operators_keep_all(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=DEAD, **SAME)
    model.layer("Conv", "a", "g", (8, 4, 3, 3), group=2, dead=DEAD, **SAME)
    model.add("Softmax", "g", "s", axis=1)
    model.layer("Conv", "s", "y", (4, 8, 1, 1))
    assert relieve(model).removed is None


def test_a_tensor_keeps_one_channel(net, relieve):
    model = net(PICTURE)
    model.layer("Conv", "x", "a", (8, 3, 3, 3), dead=range(8), bias=0.5, **SAME)
    model.add("Relu", "a", "r")
    model.layer("Conv", "r", "b", (4, 8, 1, 1))
    model.layer("Conv", "x", "c", (4, 3, 1, 1))
    model.add("Add", "b c", "y")
    assert relieve(model).of("CONV_2D")[0] == (1, 8, 8, 1)


def test_too_large_a_difference_leaves_the_model_whole(net, relieve):
    """Constants of millions cancel in the next bias: float32 sums lose what is left."""
    model = net((2, 6))
    model.layer("Gemm", "x", "a", (6, 8), axis=1, dead=DEAD, bias=3e6)
    model.layer("Gemm", "a", "y", (8, 4), axis=1)
    model.constants["y.b"] = -3e6 * model.constants["y.w"][list(DEAD)].sum(axis=0)
    left = relieve(model, tolerance=1.0)
    assert left.of("FULLY_CONNECTED")[0] == (2, 8)
    assert not left.removed.accepted
    assert left.removed.difference > 1e-5
