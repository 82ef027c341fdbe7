"""Conv against onnxruntime: paddings, strides, dilations, groups, sizes that collide."""

import itertools

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def conv(make_model, x_shape, w_shape, *, bias=True, opset=21, **attributes):
    generator = np.random.default_rng(7)
    constants = {"w": generator.standard_normal(w_shape).astype(np.float32)}
    names = ["x", "w"]
    if bias:
        constants["b"] = generator.standard_normal(w_shape[0]).astype(np.float32)
        names.append("b")
    node = helper.make_node("Conv", names, ["y"], name="conv", **attributes)
    return make_model([node], {"x": x_shape}, ["y"], constants, opset)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pads"),
    [
        (size, kernel, stride, pads)
        for size, kernel, stride in itertools.product((5, 8), (1, 2, 3, 5), (1, 2, 3, 7))
        for pads in ([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 3])
    ],
)
def test_windows(lower, make_model, size, kernel, stride, pads):
    model = conv(
        make_model,
        (1, 3, size, size + 1),
        (4, 3, kernel, kernel),
        strides=[stride, stride],
        pads=pads,
    )
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4), (5, 1)])
@pytest.mark.parametrize("strides", [[1, 1], [2, 3]])
def test_auto_pad(lower, make_model, auto_pad, kernel, strides):
    model = conv(make_model, (1, 7, 7, 7), (7, 7, *kernel), auto_pad=auto_pad, strides=strides)
    lowered = lower(model)
    if auto_pad in ("SAME_UPPER", "VALID"):
        assert lowered.kinds == ["CONV_2D"]


@pytest.mark.parametrize("dilations", [[2, 2], [1, 3]])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [2, 2, 2, 2], [0, 3, 0, 3]])
def test_dilations_and_groups(lower, make_model, dilations, groups, pads):
    model = conv(
        make_model,
        (1, 6, 9, 8),
        (6, 6 // groups, 3, 3),
        dilations=dilations,
        group=groups,
        pads=pads,
    )
    lowered = lower(model)
    assert lowered.count("TRANSPOSE") == 0
    assert lowered.count("DEPTHWISE_CONV_2D") == (groups == 6)


@pytest.mark.parametrize(("channels", "outputs", "groups"), [(8, 8, 2), (4, 12, 4), (6, 4, 2)])
@pytest.mark.parametrize("stride", [1, 2])
def test_grouped_is_one_operator(lower, make_model, channels, outputs, groups, stride):
    model = conv(
        make_model,
        (2, channels, 8, 8),
        (outputs, channels // groups, 3, 3),
        group=groups,
        pads=[1, 1, 1, 1],
        strides=[stride, stride],
    )
    assert len([kind for kind in lower(model).kinds if kind.endswith("CONV_2D")]) == 1


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("pads", [[0, 0], [1, 1], [4, 0]])
def test_one_dimension(lower, make_model, groups, stride, dilation, pads):
    model = conv(
        make_model,
        (1, 4, 4),
        (4, 4 // groups, 2),
        group=groups,
        strides=[stride],
        dilations=[dilation],
        pads=pads,
        bias=False,
    )
    assert lower(model).count("TRANSPOSE") == 0


def test_computed_weights_are_refused(lower, make_model):
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv")
    model = make_model([node], {"x": (1, 2, 4, 4), "w": (2, 2, 3, 3)}, ["y"])
    with pytest.raises(RefusedError, match="input 1 is computed"):
        lower(model)


def test_three_dimensions_are_refused(lower, make_model):
    with pytest.raises(RefusedError, match="3 spatial axes"):
        lower(conv(make_model, (1, 2, 4, 4, 4), (2, 2, 3, 3, 3)))
