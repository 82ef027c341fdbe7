"""Boxes with scores: refused under one scale, exact when joined in float."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Io

SHAPE = (1, 4, 20)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, name=f"my_{kind}_{outputs[0]}", **attributes)


def detector(model_of, pixels, *, moved=False):
    """Boxes from 0 to ``pixels``, scores from 0 to 1, joined and perhaps moved."""
    joined = "joined" if moved else "y"
    nodes = [
        node("Sigmoid", ["x"], ["scores"]),
        node("Sigmoid", ["x2"], ["place"]),
        node("Mul", ["place", "pixels"], ["boxes"]),
        node("Concat", ["boxes", "scores"], [joined], axis=1),
    ]
    if moved:
        nodes.append(node("Transpose", ["joined"], ["y"], perm=[0, 2, 1]))
    constants = {"pixels": np.float32(pixels)}
    return model_of(nodes, {"x": SHAPE, "x2": SHAPE}, ["y"], constants)


def sample(generator):
    return {name: 2 * generator.standard_normal(SHAPE).astype(np.float32) for name in ("x", "x2")}


def single(generator):
    return {"x": generator.standard_normal(SHAPE).astype(np.float32)}


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("io", [Io.INT8, Io.FLOAT32])
def test_what_would_be_lost_is_named(quantized, model_of, moved, io):
    result = quantized(detector(model_of, 320, moved=moved), sample, io=io)

    (found,) = result.violations
    assert found.constraint == "joined_ranges_fit_one_scale"
    assert "my_Concat" in found.origin
    assert "keeps 0.8 of its 256 steps" in found.particulars
    assert not found.is_float_island


def test_parts_of_much_the_same_range_are_joined(quantized, model_of):
    result = quantized(detector(model_of, 5), sample)

    assert result.violations == ()
    assert result.worst() > 30


@pytest.mark.parametrize("moved", [False, True])
def test_in_float_every_part_keeps_its_own_scale(quantized, model_of, moved):
    model = detector(model_of, 320, moved=moved)

    result = quantized(model, sample, io=Io.FLOAT32, float_islands=True)

    assert {item.constraint for item in result.violations} == {"operator_is_integer"}
    assert all(item.is_float_island for item in result.violations)
    main = result.graph.main
    (join,) = (item for item in main.operators if item.kind == "CONCATENATION")
    scales = {
        tensor.quantization.scales[0]
        for item in main.operators
        if item.kind == "DEQUANTIZE"
        for tensor in main.inputs_of(item)
    }
    assert {tensor.dtype.is_float for tensor in main.inputs_of(join)} == {True}
    assert min(scales) == 1 / 256
    assert max(scales) > 1


def test_inner_joins_are_not_outputs(quantized, model_of):
    nodes = [
        node("Mul", ["x", "ten"], ["wide"]),
        node("Concat", ["x", "wide"], ["joined"], axis=1),
        node("MatMul", ["joined", "w"], ["y"]),
    ]
    weights = np.random.default_rng(0).standard_normal((20, 5)).astype(np.float32)
    constants = {"ten": np.float32(100), "w": weights}
    model = model_of(nodes, {"x": SHAPE}, ["y"], constants)

    assert quantized(model, single).violations == ()
