"""Pad against onnxruntime: every mode, negative amounts, every opset."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def pad(make_model, pads, *, shape=(1, 4, 4, 4), fill=None, axes=None, opset=21, **attributes):
    constants = {"p": np.array(pads, np.int64), "w": np.ones((4, 4, 1, 3), np.float32)}
    names = ["c", "p"]
    if fill is not None or axes is not None:
        names.append("" if fill is None else "f")
        constants |= {} if fill is None else {"f": np.array(fill, np.float32)}
    if axes is not None:
        names.append("a")
        constants["a"] = np.array(axes, np.int64)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[0, 1, 0, 1]),
        helper.make_node("Pad", names, ["y"], **attributes),
    ]
    return make_model(nodes, {"x": shape}, ["y"], constants, opset)


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
@pytest.mark.parametrize(
    "pads", [[0, 0, 1, 2, 0, 0, 3, 0], [0, 1, 0, 0, 0, 2, 0, 3], [0, 0, 2, 2, 0, 0, 2, 2]]
)
def test_modes(lower, make_model, mode, pads):
    lowered = lower(pad(make_model, pads, mode=mode))
    kinds = {"constant": {"PAD"}, "reflect": {"MIRROR_PAD"}}.get(mode, {"GATHER"})
    assert set(lowered.kinds) == {"CONV_2D", *kinds}


def test_a_filler(lower, make_model):
    lowered = lower(pad(make_model, [0, 0, 1, 1, 0, 0, 1, 1], fill=-3.5))
    assert lowered.kinds == ["CONV_2D", "PADV2"]


@pytest.mark.parametrize("fill", [None, 2.0])
def test_only_some_axes(lower, make_model, fill):
    lower(pad(make_model, [1, 2, 0, 3], axes=[-1, 2], fill=fill))


@pytest.mark.parametrize("mode", ["constant", "edge"])
def test_negative_amounts_cut(lower, make_model, mode):
    lower(pad(make_model, [0, -1, 2, 0, 0, 0, -1, -2], mode=mode))


def test_cutting_alone_is_a_slice(lower, make_model):
    assert lower(pad(make_model, [0, 0, -1, 0, 0, 0, 0, -1])).kinds == ["CONV_2D", "SLICE"]


def test_amounts_as_attributes(lower, make_model):
    node = helper.make_node("Pad", ["x"], ["y"], pads=[0, 1, 2, 0], value=1.5)
    assert lower(make_model([node], {"x": (3, 3)}, ["y"], opset=10)).kinds == ["PADV2"]


def test_too_many_axes_are_refused(lower, make_model):
    node = helper.make_node("Pad", ["x", "p"], ["y"])
    model = make_model([node], {"x": (2,) * 6}, ["y"], {"p": np.ones(12, np.int64)})
    with pytest.raises(RefusedError, match="pads a tensor of 6 axes"):
        lower(model)


def test_computed_amounts_are_refused(lower, make_model):
    node = helper.make_node("Pad", ["x", "p"], ["y"])
    model = make_model([node], {"x": (2, 3), "p": np.zeros(4, np.int64)}, ["y"])
    with pytest.raises(RefusedError, match="input 1 is computed"):
        lower(model)
