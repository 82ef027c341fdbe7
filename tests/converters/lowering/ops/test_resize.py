"""Resize and Upsample against onnxruntime: modes x coordinates x sizes up, down and uneven."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

COORDINATES = [
    "asymmetric",
    "half_pixel",
    "align_corners",
    "pytorch_half_pixel",
    "half_pixel_symmetric",
]
SIZES = [(8, 8), (9, 7), (2, 3), (1, 1), (4, 16), (3, 6)]


def resize(make_model, shape, sizes=None, *, scales=None, opset=19, roi=None, **attributes):
    constants = {}
    if roi is not None:
        constants["roi"] = np.array(roi, np.float32)
    elif opset < 13:
        constants["roi"] = np.zeros(0, np.float32)
    if scales is not None:
        constants["scales"] = np.array(scales, np.float32)
    else:
        constants["sizes"] = np.array(sizes, np.int64)
        if opset < 13:
            constants["scales"] = np.zeros(0, np.float32)
    names = [name if name in constants else "" for name in ("roi", "scales", "sizes")]
    while not names[-1]:
        names.pop()
    node = helper.make_node("Resize", ["x", *names], ["y"], name="resize", **attributes)
    return make_model([node], {"x": shape}, ["y"], constants, opset)


@pytest.mark.parametrize("mode", ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("size", SIZES)
def test_nearest(lower, make_model, mode, coordinates, size):
    model = resize(
        make_model,
        (1, 4, 4, 4),
        (1, 4, *size),
        mode="nearest",
        nearest_mode=mode,
        coordinate_transformation_mode=coordinates,
    )
    lowered = lower(model)
    assert set(lowered.kinds) <= {"RESIZE_NEAREST_NEIGHBOR", "GATHER", "RESHAPE"}


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("antialias", [0, 1])
def test_interpolation(lower, make_model, mode, coordinates, size, antialias):
    model = resize(
        make_model,
        (1, 4, 4, 4),
        (1, 4, *size),
        mode=mode,
        coordinate_transformation_mode=coordinates,
        antialias=antialias,
    )
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize(
    ("mode", "attributes"),
    [
        ("nearest", {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
        ("linear", {"coordinate_transformation_mode": "half_pixel"}),
        ("linear", {"coordinate_transformation_mode": "pytorch_half_pixel"}),
        ("linear", {"coordinate_transformation_mode": "align_corners"}),
        ("linear", {"coordinate_transformation_mode": "asymmetric"}),
    ],
)
@pytest.mark.parametrize("scale", [2.0, 4.0, 0.5])
def test_what_tflite_has_is_one_operator(lower, make_model, mode, attributes, scale):
    node = helper.make_node("Resize", ["h", "", "scales"], ["y"], mode=mode, **attributes)
    constants = {
        "w": np.random.default_rng(0).standard_normal((8, 8, 1, 1)).astype(np.float32),
        "scales": np.array([1, 1, scale, scale], np.float32),
    }
    nodes = [helper.make_node("Conv", ["x", "w"], ["h"]), node]
    lowered = lower(make_model(nodes, {"x": (1, 8, 8, 8)}, ["y"], constants))
    assert len(lowered.kinds) == 2
    assert lowered.kinds[1].startswith("RESIZE")


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("scales", [(1.5, 1.3), (0.7, 2.6), (2.0, 1.0), (0.5, 3.0)])
@pytest.mark.parametrize("coordinates", [name for name in COORDINATES if name != "align_corners"])
def test_scales(lower, make_model, mode, scales, coordinates):
    model = resize(
        make_model,
        (1, 3, 7, 7),
        scales=[1, 1, *scales],
        mode=mode,
        coordinate_transformation_mode=coordinates,
    )
    lower(model)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("filler", [0.0, 10.0])
@pytest.mark.parametrize(("low", "high"), [(0.2, 0.9), (-0.3, 1.2)])
def test_crops(lower, make_model, mode, filler, low, high):
    model = resize(
        make_model,
        (1, 4, 4, 4),
        (1, 4, 5, 6),
        mode=mode,
        roi=[0, 0, low, low, 1, 1, high, 1],
        coordinate_transformation_mode="tf_crop_and_resize",
        extrapolation_value=filler,
    )
    lower(model)


@pytest.mark.parametrize("exclude", [0, 1])
@pytest.mark.parametrize("antialias", [0, 1])
@pytest.mark.parametrize("coefficient", [-0.5, -0.75])
def test_cubic(lower, make_model, exclude, antialias, coefficient):
    model = resize(
        make_model,
        (1, 2, 9, 9),
        (1, 2, 5, 13),
        mode="cubic",
        exclude_outside=exclude,
        antialias=antialias,
        cubic_coeff_a=coefficient,
    )
    lower(model)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("opset", [11, 13, 18, 19])
def test_opsets(lower, make_model, mode, opset):
    lower(resize(make_model, (1, 4, 4, 4), (1, 4, 6, 8), mode=mode, opset=opset))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scales", [(2.0, 2.0), (1.5, 3.0), (0.5, 0.6)])
def test_resize_of_opset_10(lower, make_model, mode, scales):
    node = helper.make_node("Resize", ["x", "scales"], ["y"], mode=mode)
    constants = {"scales": np.array([1, 1, *scales], np.float32)}
    lower(make_model([node], {"x": (1, 5, 5, 5)}, ["y"], constants, opset=10))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("opset", [7, 9])
def test_upsample(lower, make_model, mode, opset):
    scales = [1.0, 1.0, 2.0, 3.0]
    if opset == 7:
        node, constants = helper.make_node("Upsample", ["x"], ["y"], mode=mode, scales=scales), {}
    else:
        node = helper.make_node("Upsample", ["x", "scales"], ["y"], mode=mode)
        constants = {"scales": np.array(scales, np.float32)}
    lower(make_model([node], {"x": (1, 4, 4, 4)}, ["y"], constants, opset=opset))


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller", "stretch"])
@pytest.mark.parametrize("axes", [[2, 3], [3, 2]])
def test_policies_and_axes(lower, make_model, policy, axes):
    model = resize(
        make_model,
        (1, 3, 4, 5),
        (7, 9),
        mode="nearest",
        axes=axes,
        keep_aspect_ratio_policy=policy,
    )
    lower(model)


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [((5, 5), (7, 3)), ((2, 3, 4), (2, 3, 9)), ((1, 2, 4, 4, 4), (1, 2, 8, 6, 4))],
)
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_ranks(lower, make_model, shape, sizes, mode):
    lower(resize(make_model, shape, sizes, mode=mode))


def test_channels_may_be_resized(lower, make_model):
    lower(resize(make_model, (2, 4, 4, 4), (4, 6, 4, 4), mode="nearest"))


def test_integers_are_chosen_but_not_interpolated(lower, make_model):
    sizes = {"sizes": np.array([1, 2, 3, 7], np.int64)}
    example = {"x": np.zeros((1, 2, 4, 4), np.int32)}
    node = helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="nearest")
    lower(make_model([node], example, ["y"], sizes))
    node = helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="linear")
    with pytest.raises(RefusedError, match="integers"):
        lower(make_model([node], example, ["y"], sizes))


def test_policies_of_interpolation_are_refused(lower, make_model):
    model = resize(
        make_model,
        (1, 1, 4, 5),
        (1, 1, 7, 9),
        mode="linear",
        keep_aspect_ratio_policy="not_larger",
    )
    with pytest.raises(RefusedError, match="keep_aspect_ratio_policy"):
        lower(model)


def test_sizes_that_the_references_disagree_about_are_refused(lower, make_model):
    model = resize(
        make_model,
        (1, 1, 4, 4),
        scales=[1, 1, 0.6, 0.6],
        mode="linear",
        coordinate_transformation_mode="align_corners",
    )
    with pytest.raises(RefusedError, match="no whole number"):
        lower(model)


def test_large_matrices_are_refused_and_large_pictures_are_not(lower, make_model):
    shape, sizes = (1, 1, 1024, 1), (1, 1, 2048, 2)
    assert lower(resize(make_model, shape, sizes, mode="linear")).count("RESIZE_BILINEAR")
    with pytest.raises(RefusedError, match="too large a matrix"):
        lower(resize(make_model, shape, sizes, mode="cubic"))
