"""Permutations of channels go into weights; the values stay those of onnxruntime."""

import numpy as np
import pytest
from onnx import helper

GENERATOR = np.random.default_rng(0)


def random(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 4, 4, 4), (4, 4, 4, 4), (1, 3, 4, 1)])
def test_a_flattened_picture_goes_into_a_dense_layer(lower, make_model, shape):
    count = int(np.prod(shape[1:]))
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Flatten", ["c"], ["f"]),
        helper.make_node("Gemm", ["f", "d", "b"], ["y"], transB=1),
    ]
    constants = {"w": random(shape[1], shape[1], 1, 1), "d": random(5, count), "b": random(5)}
    lowered = lower(make_model(nodes, {"x": shape}, ["y"], constants))
    assert lowered.kinds == ["CONV_2D", "RESHAPE", "FULLY_CONNECTED"]


def test_a_flattened_picture_with_another_reader_is_transposed(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Flatten", ["c"], ["f"]),
        helper.make_node("Gemm", ["f", "d"], ["y"], transB=1),
        helper.make_node("Neg", ["f"], ["z"]),
    ]
    constants = {"w": random(4, 4, 1, 1), "d": random(5, 64)}
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y", "z"], constants)
    assert lower(model).count("TRANSPOSE") == 1


@pytest.mark.parametrize("channels", [[3, 2, 1, 0], [0, 0, 2], [-1]])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("between", [[], ["Relu"], ["Tanh", "Neg"]])
def test_chosen_channels_go_into_filters(lower, make_model, channels, bias, between):
    constants = {"w": random(4, 4, 3, 3), "i": np.array(channels)}
    names = ["x", "w"]
    if bias:
        names, constants["b"] = [*names, "b"], random(4)
    nodes = [helper.make_node("Conv", names, ["t0"], pads=[1, 1, 1, 1])]
    for index, kind in enumerate(between):
        nodes.append(helper.make_node(kind, [f"t{index}"], [f"t{index + 1}"]))
    last = f"t{len(between)}"
    nodes.append(helper.make_node("Gather", [last, "i"], ["g"], axis=1))
    nodes.append(helper.make_node("Sigmoid", ["g"], ["y"]))
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))
    assert lowered.count("GATHER") == 0


@pytest.mark.parametrize("groups", [2, 4])
def test_filters_in_groups_are_left_alone(lower, make_model, groups):
    constants = {"w": random(4, 4 // groups, 3, 3), "i": np.array([3, 2, 1, 0])}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1], group=groups),
        helper.make_node("Gather", ["c", "i"], ["y"], axis=1),
    ]
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))
    assert lowered.count("GATHER") == 1


def test_another_axis_is_left_alone(lower, make_model):
    constants = {"w": random(4, 4, 1, 1), "i": np.array([3, 2, 1, 0])}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("Gather", ["c", "i"], ["y"], axis=2),
    ]
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))
    assert lowered.count("GATHER") == 1
