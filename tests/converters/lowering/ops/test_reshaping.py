"""Reshape, Flatten, Squeeze, Unsqueeze, Transpose: right values, and no data moved in vain."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

CONV = {"w": np.random.default_rng(3).standard_normal((4, 4, 1, 3)).astype(np.float32)}


def ints(*values):
    return np.array(values, np.int64)


def conv(source, target, weights="w"):
    return helper.make_node("Conv", [source, weights], [target], pads=[0, 1, 0, 1])


def reshape(source, target, shape, **attributes):
    return helper.make_node("Reshape", [source, shape], [target], **attributes)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((4, 4, 4), (16, 4)),
        ((4, 4, 4), (0, -1)),
        ((2, 3, 4), (-1,)),
        ((2, 3, 4), (4, 3, 2)),
        ((1, 1, 6), (1, 2, 1, 3, 1)),
        ((6,), (1, 6, 1, 1)),
    ],
)
def test_plain_reshapes(lower, make_model, shape, wanted):
    model = make_model([reshape("x", "y", "s")], {"x": shape}, ["y"], {"s": ints(*wanted)})
    assert lower(model).kinds == ["RESHAPE"]


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_flatten(lower, make_model, axis):
    node = helper.make_node("Flatten", ["x"], ["y"], axis=axis)
    assert lower(make_model([node], {"x": (3, 3, 3)}, ["y"])).kinds == ["RESHAPE"]


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize(("kind", "shape"), [("Squeeze", (4, 1, 4, 1)), ("Unsqueeze", (4, 4))])
def test_axes_as_attribute_and_as_input(lower, make_model, opset, kind, shape):
    axes, constants = [1, 3], {}
    if opset < 13:
        node = helper.make_node(kind, ["x"], ["y"], axes=axes)
    else:
        node, constants = helper.make_node(kind, ["x", "a"], ["y"]), {"a": ints(*axes)}
    assert lower(make_model([node], {"x": shape}, ["y"], constants, opset)).kinds == ["RESHAPE"]


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (3, 2, 1, 0), (0, 3, 1, 2), None])
def test_a_transposition_only_renames_axes(lower, make_model, order):
    attributes = {"perm": order} if order else {}
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], **attributes),
        helper.make_node("Relu", ["t"], ["y"]),
    ]
    assert lower(make_model(nodes, {"x": (4, 4, 4, 4)}, ["y"])).kinds == ["RELU"]


def test_a_picture_flattened_for_tokens_moves_nothing(lower, make_model):
    nodes = [
        conv("x", "c"),
        reshape("c", "r", "s"),
        helper.make_node("Transpose", ["r"], ["y"], perm=[0, 2, 1]),
    ]
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {**CONV, "s": ints(1, 4, 16)})
    assert lower(model).count("TRANSPOSE") == 0


def test_a_reader_decides_the_order(lower, make_model):
    """Pixel shuffle by hand: the one transposition goes right to what the convolution reads."""
    nodes = [
        conv("x", "c", "wide"),
        reshape("c", "r", "six"),
        helper.make_node("Transpose", ["r"], ["t"], perm=[0, 1, 4, 2, 5, 3]),
        reshape("t", "p", "four"),
        helper.make_node("Relu", ["p"], ["q"]),
        conv("q", "y"),
    ]
    constants = {
        **CONV,
        "wide": np.random.default_rng(4).standard_normal((16, 4, 1, 1)).astype(np.float32),
        "six": ints(1, 4, 2, 2, 4, 6),
        "four": ints(1, 4, 8, 12),
    }
    assert lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants)).count("TRANSPOSE") == 1


def test_channel_shuffle_stays_channels_last(lower, make_model):
    nodes = [
        conv("x", "c"),
        reshape("c", "r", "five"),
        helper.make_node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
        reshape("t", "p", "four"),
        conv("p", "y"),
    ]
    constants = {**CONV, "five": ints(1, 2, 2, 4, 4), "four": ints(1, 4, 4, 4)}
    assert lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants)).count("TRANSPOSE") == 1


def test_several_readers_in_several_orders(lower, make_model):
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]),
        conv("t", "a"),
        reshape("t", "b", "s"),
        helper.make_node("Softmax", ["t"], ["c"], axis=-1),
    ]
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["a", "b", "c"], {**CONV, "s": ints(16, 4)})
    lower(model)


def test_attention_takes_one_transposition_for_each_of_its_four_tensors(lower, make_model):
    nodes = [reshape(name, f"{name}4", "split") for name in "qkv"]
    perms = {"q": [0, 2, 1, 3], "k": [0, 2, 3, 1], "v": [0, 2, 1, 3]}
    nodes += [
        helper.make_node("Transpose", [f"{name}4"], [f"{name}t"], perm=perm)
        for name, perm in perms.items()
    ]
    nodes += [
        helper.make_node("MatMul", ["qt", "kt"], ["s"]),
        helper.make_node("Softmax", ["s"], ["p"], axis=-1),
        helper.make_node("MatMul", ["p", "vt"], ["o"]),
        helper.make_node("Transpose", ["o"], ["ot"], perm=[0, 2, 1, 3]),
        reshape("ot", "y", "join"),
    ]
    constants = {"split": ints(2, 4, 4, 4), "join": ints(2, 4, 16)}
    inputs = dict.fromkeys("qkv", (2, 4, 16))
    assert lower(make_model(nodes, inputs, ["y"], constants)).count("TRANSPOSE") == 4


def test_many_axes_are_merged(lower, make_model):
    nodes = [
        reshape("x", "r", "s"),
        helper.make_node("Transpose", ["r"], ["t"], perm=[0, 4, 5, 2, 3, 1, 6]),
        reshape("t", "y", "flat"),
    ]
    constants = {"s": ints(2, 3, 2, 2, 1, 2, 2), "flat": ints(-1)}
    lowered = lower(make_model(nodes, {"x": (2, 48)}, ["y"], constants))
    (node,) = [op for op in lowered.graph.main.operators if op.kind == "TRANSPOSE"]
    assert len(lowered.graph.main.tensors[node.inputs[0]].shape) == 5


def test_too_many_axes_are_refused(lower, make_model):
    order = [6, 5, 4, 3, 2, 1, 0]
    nodes = [
        reshape("x", "r", "s"),
        helper.make_node("Transpose", ["r"], ["t"], perm=order),
        reshape("t", "y", "flat"),
    ]
    constants = {"s": ints(*[2] * 7), "flat": ints(-1)}
    with pytest.raises(RefusedError, match="transposition of 7 axes"):
        lower(make_model(nodes, {"x": (128,)}, ["y"], constants))


def test_a_computed_shape_is_refused(lower, make_model):
    nodes = [reshape("x", "r", "s"), helper.make_node("Relu", ["r"], ["y"])]
    model = make_model(nodes, {"x": (1, 1), "s": np.zeros(2, np.int64)}, ["y"])
    with pytest.raises(RefusedError, match="computed while the model runs"):
        lower(model)


def test_tokens_laid_flat_for_a_batch_norm(lower, make_model):
    """What LeViT does: two axes reach an operator that other ranks want channels last for."""
    vectors = {name: np.linspace(0.5, 1.5, 6, dtype=np.float32) for name in "sbmv"}
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["f"]),
        helper.make_node("BatchNormalization", ["f", *"sbmv"], ["n"]),
        helper.make_node("Reshape", ["n", "picture"], ["p"]),
        helper.make_node("GlobalAveragePool", ["p"], ["y"]),
    ]
    shapes = {"flat": np.array([4, 6]), "picture": np.array([1, 6, 2, 2])}
    lower(make_model(nodes, {"x": (1, 4, 6)}, ["y"], {**vectors, **shapes}))
