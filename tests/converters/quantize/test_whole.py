"""Whole numbers stay whole: positions that are floored and cast lead to the right place."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.bundle.manifest import Scheme

SHAPE = (1, 3, 6, 6)


def node(kind, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name=f"n_{outputs[0]}", **attributes)


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8])
@pytest.mark.parametrize("high", [3, 90])
def test_masks_and_counts_are_exact(quantized, model_of, scheme, high):
    nodes = [
        node("Cast", ("i",), ("f",), to=TensorProto.FLOAT),
        node("Add", ("f", "one"), ("next",)),
        node("Min", ("next", "most"), ("y",)),
    ]
    constants = {"one": np.float32(1), "most": np.float32(100)}
    model = model_of(nodes, {"i": ((2, 5), "int64")}, ["y"], constants)

    result = quantized(
        model, lambda generator: {"i": generator.integers(0, high, (2, 5))}, scheme=scheme
    )

    assert result.violations == ()
    assert result.largest_error == 0


@pytest.mark.parametrize("mode", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("padding", ["zeros", "border"])
def test_grid_samples_find_their_places(quantized, model_of, mode, padding):
    """The grid is an input: places are computed in integers."""
    model = model_of(
        [node("GridSample", ("x", "grid"), mode=mode, padding_mode=padding, align_corners=1)],
        {"x": SHAPE, "grid": (1, 4, 4, 2)},
        ["y"],
        opset=20,
    )
    # In the middle between two places of the nearest mode no rounding decides.
    places = np.array([-0.9, -0.5, -0.1, 0.3, 0.7], np.float32)

    def sample(generator):
        return {
            "x": generator.standard_normal(SHAPE).astype(np.float32),
            "grid": generator.choice(places, (1, 4, 4, 2)),
        }

    result = quantized(model, sample)

    assert result.violations == ()
    assert result.worst() > 25


def test_large_values_are_compared_too(quantized, model_of):
    """LiteRT's int8 comparisons end the process at steps of one or more."""
    model = model_of([node("Greater", ("x", "c"))], {"x": SHAPE}, ["y"], {"c": np.float32(10)})

    result = quantized(
        model,
        lambda generator: {"x": generator.choice([-300.0, 0.0, 20.0], SHAPE).astype(np.float32)},
    )

    assert result.violations == ()
    assert result.largest_error == 0
