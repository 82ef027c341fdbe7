"""Tensors that are read on several grids, or as they are too: each reader gets its own numbers."""

import numpy as np
import onnx
import pytest
from onnx import helper

import edgekit
from edgekit.build_options import BuildOptions


@pytest.fixture
def built(quantized_models, tmp_path):
    """Build a model and return its parity with onnxruntime and what was found."""

    def make(nodes, constants, shapes, **options):
        path = tmp_path / "net.onnx"
        onnx.save(quantized_models.model(nodes, *shapes, constants, opset=17), path)
        result = edgekit.build(path, tmp_path / "net.edgekit", BuildOptions(**options))
        return [item.final_model.sqnr_db for item in result.parity.outputs], result.findings

    return make


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def read_twice(quantized_models, second_scale):
    """Return a dense layer that a narrow grid cuts off for one reader, but not for the other."""
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    nodes.append(helper.make_node("MatMul", ["x.real", "w"], ["c"]))
    narrow, others = quantized_models.pair("c", 0.005, 0)
    constants |= others | {"w": numbers(8, 6)}
    nodes += [*narrow, helper.make_node("Neg", ["c.real"], ["n"])]
    whole = "c"
    if second_scale:
        constants |= {"s": np.float32(second_scale), "z": np.int8(0)}
        nodes.append(helper.make_node("QuantizeLinear", ["c", "s", "z"], ["q"]))
        nodes.append(helper.make_node("DequantizeLinear", ["q", "s", "z"], ["whole"]))
        whole = "whole"
    nodes += [helper.make_node("Abs", [whole], ["m"]), helper.make_node("Add", ["n", "m"], ["y"])]
    return nodes, constants


@pytest.mark.parametrize("second_scale", [None, 0.1])
def test_a_grid_is_for_its_readers_alone(built, quantized_models, second_scale):
    nodes, constants = read_twice(quantized_models, second_scale)
    shapes = {"x": [4, 8]}, {"y": [4, 6]}
    samples = {"x": numbers(70, 4, 8, seed=1)}
    (sqnr_db,), found = built(nodes, constants, shapes, calibration_data=samples, require="kept")
    assert sqnr_db > 25
    assert {item.finding.kind for item in found} == {"trained grid"}


@pytest.mark.parametrize("io", ["int8", "uint8", "float32"])
def test_two_grids_in_a_row_round_twice(built, quantized_models, io):
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    nodes.append(helper.make_node("MatMul", ["x.real", "w"], ["c"]))
    first, others = quantized_models.pair("c", 0.005, 0)
    second, outer = quantized_models.pair("c.real", 0.05, 0, result="y")
    constants |= others | outer | {"w": numbers(8, 6)}
    shapes = {"x": [4, 8]}, {"y": [4, 6]}
    (sqnr_db,), _ = built([*nodes, *first, *second], constants, shapes, io=io, require="kept")
    assert sqnr_db > 25


def test_a_low_rank_branch_with_grids_is_not_merged(built, quantized_models):
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    for left, right, result in (("x.real", "w", "h"), ("x.real", "a", "i"), ("i.real", "b", "j")):
        nodes.append(helper.make_node("MatMul", [left, right], [result]))
        more, others = quantized_models.pair(result, 0.2, 3)
        nodes, constants = nodes + more, constants | others
    nodes.append(helper.make_node("Add", ["h.real", "j.real"], ["s"]))
    last, others = quantized_models.pair("s", 0.3, 3, result="y")
    constants |= others | {"w": numbers(8, 8), "a": numbers(8, 2), "b": numbers(2, 8)}
    shapes = {"x": [4, 8]}, {"y": [4, 8]}
    (sqnr_db,), found = built([*nodes, *last], constants, shapes, require="kept")
    assert sqnr_db > 25
    assert "adapter" not in {item.finding.kind for item in found}


def test_the_factor_of_a_product_of_integers_is_the_biass_too(built, quantized_models):
    constants = {
        "s": np.float32(0.05),
        "z": np.uint8(128),
        "w": np.random.default_rng(0).integers(-127, 128, (8, 5)).astype(np.int8),
        "ws": np.float32(0.01),
        "wz": np.int8(0),
        "b": np.array([-3000, -900, 0, 1500, 3000], np.int32),
        "ys": np.float32(0.06),
        "yz": np.uint8(120),
    }
    inputs = ["q", "s", "z", "w", "ws", "wz", "b", "ys", "yz"]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("QGemm", inputs, ["r"], domain="com.microsoft", alpha=0.5),
        helper.make_node("DequantizeLinear", ["r", "ys", "yz"], ["y"]),
    ]
    (sqnr_db,), _ = built(nodes, constants, ({"x": [1, 8]}, {"y": [1, 5]}))
    assert sqnr_db is None or sqnr_db > 35  # None: equal
