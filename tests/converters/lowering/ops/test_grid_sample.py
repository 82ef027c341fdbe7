"""GridSample against onnxruntime, far outside of the input too."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError
from edgekit.runtime.interpreter import Kernels

KERNELS = (Kernels.DEFAULT, Kernels.BUILTIN)  # LiteRT's reference kernels lack ROUND


def sample(make_model, shape, grid, *, opset=20, **attributes):
    node = helper.make_node("GridSample", ["x", "grid"], ["y"], name="sample", **attributes)
    return make_model([node], {"x": shape, "grid": grid}, ["y"], opset=opset)


@pytest.mark.parametrize("mode", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("aligned", [0, 1])
@pytest.mark.parametrize("shape", [(1, 4, 4, 4), (2, 3, 5, 4)])
def test_modes(lower, make_model, mode, padding, aligned, shape):
    grid = (shape[0], 6, 7, 2)
    model = sample(make_model, shape, grid, mode=mode, padding_mode=padding, align_corners=aligned)
    generator = np.random.default_rng(2)
    samples = [
        {
            "x": generator.standard_normal(shape).astype(np.float32),
            "grid": generator.uniform(-reach, reach, grid).astype(np.float32),
        }
        for reach in (1, 4)
    ]
    assert lower(model, samples=samples, kernels=KERNELS).count("TRANSPOSE") == 0


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_volumes(lower, make_model, mode, padding):
    shapes = (1, 2, 3, 4, 5), (1, 2, 3, 4, 3)
    lower(sample(make_model, *shapes, mode=mode, padding_mode=padding), kernels=KERNELS)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "nearest"])
def test_names_of_opset_16(lower, make_model, mode):
    lower(sample(make_model, (1, 4, 4, 4), (1, 4, 4, 2), mode=mode, opset=16), kernels=KERNELS)


def test_nothing_is_reflected_on_one_element(lower, make_model):
    model = sample(
        make_model, (1, 2, 1, 4), (1, 3, 3, 2), padding_mode="reflection", align_corners=1
    )
    with pytest.raises(RefusedError, match="reflected"):
        lower(model)
