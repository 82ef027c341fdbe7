"""ConvTranspose against onnxruntime: every way to say where the output begins and ends."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


def transposed(make_model, x_shape, w_shape, *, groups=1, bias=True, **attributes):
    generator = np.random.default_rng(3)
    constants = {"w": generator.standard_normal(w_shape).astype(np.float32)}
    names = ["x", "w"]
    if bias:
        constants["b"] = generator.standard_normal(w_shape[1] * groups).astype(np.float32)
        names.append("b")
    node = helper.make_node("ConvTranspose", names, ["y"], name="up", group=groups, **attributes)
    return make_model([node], {"x": x_shape}, ["y"], constants)


@pytest.mark.parametrize("size", [4, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 0]])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_windows(lower, make_model, size, kernel, stride, pads, groups):
    model = transposed(
        make_model,
        (1, 4, size, size),
        (4, 4 // groups, kernel, kernel),
        groups=groups,
        strides=[stride, stride],
        pads=pads,
    )
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize(("kernel", "stride", "pads"), [(2, 2, 0), (4, 2, 1), (3, 1, 1), (8, 4, 2)])
def test_usual_decoders_are_one_operator(lower, make_model, kernel, stride, pads):
    model = transposed(
        make_model, (1, 4, 4, 4), (4, 4, kernel, kernel), strides=[stride] * 2, pads=[pads] * 4
    )
    assert lower(model).kinds == ["TRANSPOSE_CONV"]


@pytest.mark.parametrize("output_padding", [[0, 1], [1, 1], [2, 2], [2, 0]])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1]])
@pytest.mark.parametrize("groups", [1, 3])
def test_output_padding(lower, make_model, output_padding, kernel, pads, groups):
    model = transposed(
        make_model,
        (1, 3, 5, 5),
        (3, 2, kernel, kernel),
        groups=groups,
        strides=[3, 3],
        pads=pads,
        output_padding=output_padding,
    )
    lower(model)


@pytest.mark.parametrize("output_shape", [[8, 8], [8, 7], [7, 8]])
@pytest.mark.parametrize("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("kernel", [2, 3, 4])
@pytest.mark.parametrize("extra", [[0, 0], [1, 1]])
def test_output_shape(lower, make_model, output_shape, auto_pad, kernel, extra):
    model = transposed(
        make_model,
        (1, 4, 4, 4),
        (4, 4, kernel, kernel),
        strides=[2, 2],
        output_shape=output_shape,
        output_padding=extra,
        auto_pad=auto_pad,
    )
    lower(model)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_auto_pad(lower, make_model, auto_pad, kernel, stride):
    model = transposed(
        make_model, (1, 4, 4, 5), (4, 4, kernel, 3), strides=[stride, stride], auto_pad=auto_pad
    )
    lower(model)


@pytest.mark.parametrize("dilations", [[2, 2], [1, 3]])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("pads", [0, 2, 5])
def test_dilations(lower, make_model, dilations, stride, groups, pads):
    model = transposed(
        make_model,
        (1, 6, 6, 6),
        (6, 3, 3, 3),
        groups=groups,
        strides=[stride, stride],
        dilations=dilations,
        pads=[pads, 1, 0, 1],
        bias=False,
    )
    lower(model)


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize(
    ("kernel", "stride", "pads"), [(4, 2, [1, 1]), (3, 3, [0, 0]), (2, 1, [0, 1])]
)
def test_one_dimension(lower, make_model, groups, kernel, stride, pads):
    model = transposed(
        make_model,
        (2, 3, 3),
        (3, 3, kernel),
        groups=groups,
        strides=[stride],
        pads=pads,
    )
    assert lower(model).count("TRANSPOSE") == 0


def test_three_dimensions_are_refused(lower, make_model):
    with pytest.raises(RefusedError, match="3 spatial axes"):
        lower(transposed(make_model, (1, 2, 3, 3, 3), (2, 2, 2, 2, 2)))
