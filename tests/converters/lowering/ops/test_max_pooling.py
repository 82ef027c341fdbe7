"""MaxPool against onnxruntime: padding must never win, however it is expressed."""

import itertools

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def pool(make_model, shape, kernel, *, before=(), opset=21, **attributes):
    nodes = [helper.make_node(kind, ["x"], ["x0"]) for kind in before]
    name = "x0" if before else "x"
    nodes.append(
        helper.make_node("MaxPool", [name], ["y"], name="pool", kernel_shape=kernel, **attributes)
    )
    return make_model(nodes, {"x": shape}, ["y"], opset=opset)


CASES = [
    (size, kernel, stride, pads, ceil)
    for size, kernel, stride in itertools.product((4, 7), (2, 3, 4), (1, 2, 3))
    for pads in ([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0])
    for ceil in (0, 1)
]


@pytest.mark.parametrize(("size", "kernel", "stride", "pads", "ceil"), CASES)
@pytest.mark.parametrize("before", [(), ("Relu",)])
def test_windows(lower, make_model, size, kernel, stride, pads, ceil, before):
    model = pool(
        make_model,
        (1, size, size, size),
        [kernel, kernel],
        before=before,
        strides=[stride, stride],
        pads=pads,
        ceil_mode=ceil,
    )
    # All values below zero, so that any zero that was added would win.
    samples = [{"x": -1 - np.random.default_rng(1).random((1, size, size, size), np.float32)}]
    lowered = lower(model, samples=samples)
    assert lowered.count("TRANSPOSE") == lowered.count("PADV2") == 0
    assert not (before and lowered.count("MIRROR_PAD"))


def test_after_relu_zeros_are_enough(lower, make_model):
    model = pool(
        make_model, (1, 4, 8, 8), [3, 3], before=["Relu"], strides=[2, 2], pads=[1, 1, 1, 1]
    )
    assert lower(model).kinds == ["RELU", "PAD", "MAX_POOL_2D"]


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("kernel", [(2, 2), (3, 5)])
def test_auto_pad(lower, make_model, auto_pad, kernel):
    model = pool(make_model, (1, 5, 5, 5), list(kernel), auto_pad=auto_pad, strides=[2, 2])
    lower(model)


@pytest.mark.parametrize("dilations", [[2, 2], [1, 3]])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 1]])
@pytest.mark.parametrize("ceil", [0, 1])
def test_dilations(lower, make_model, dilations, pads, ceil):
    model = pool(
        make_model,
        (2, 3, 8, 8),
        [2, 3],
        dilations=dilations,
        pads=pads,
        ceil_mode=ceil,
        strides=[2, 1],
    )
    lower(model)


@pytest.mark.parametrize("opset", [8, 11, 12, 22])
def test_opsets(lower, make_model, opset):
    model = pool(make_model, (1, 2, 6, 6), [3, 3], strides=[2, 2], pads=[1] * 4, opset=opset)
    lower(model)


@pytest.mark.parametrize("pads", [[0, 0], [1, 1], [2, 0]])
@pytest.mark.parametrize("ceil", [0, 1])
def test_one_dimension(lower, make_model, pads, ceil):
    model = pool(make_model, (1, 6, 6), [3], strides=[2], pads=pads, ceil_mode=ceil)
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("dilations", [[1, 1, 1], [2, 1, 2]])
@pytest.mark.parametrize("pads", [[0] * 6, [1, 0, 1, 0, 1, 1]])
def test_three_dimensions(lower, make_model, dilations, pads):
    model = pool(
        make_model, (2, 3, 6, 5, 6), [2, 2, 2], strides=[2, 1, 2], dilations=dilations, pads=pads
    )
    lower(model)


def test_indices_are_refused(lower, make_model):
    node = helper.make_node("MaxPool", ["x"], ["y", "i"], kernel_shape=[2, 2])
    model = make_model([node], {"x": (1, 2, 4, 4)}, ["y", "i"])
    with pytest.raises(RefusedError, match="Indices"):
        lower(model)


def test_a_window_larger_than_the_picture_is_cut_to_it(lower, make_model):
    node = helper.make_node(
        "MaxPool", ["x"], ["y"], kernel_shape=[9, 640], strides=[9, 640], ceil_mode=1
    )
    lowered = lower(make_model([node], {"x": (1, 4, 3, 5)}, ["y"]))
    assert [kind for kind in lowered.kinds if kind != "TRANSPOSE"] == ["MAX_POOL_2D"]
