"""Gemm and MatMul against onnxruntime, with known and computed sides of every rank."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.sources.base import SourceError

_RANDOM = np.random.default_rng(0)


def _numbers(shape):
    return _RANDOM.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("factors", [{}, {"alpha": 0.5, "beta": 2.0}, {"beta": 0.0}])
@pytest.mark.parametrize("known", [True, False])
def test_gemm(lower, make_model, trans_a, trans_b, factors, known):
    node = helper.make_node(
        "Gemm", ["a", "b", "c"], ["y"], transA=trans_a, transB=trans_b, **factors
    )
    inputs, constants = {"a": (4, 4)}, {"c": _numbers(4)}
    if known:
        constants["b"] = _numbers((4, 4))
    else:
        inputs["b"] = (4, 4)
    lowered = lower(make_model([node], inputs, ["y"], constants))
    assert lowered.count("FULLY_CONNECTED" if known else "BATCH_MATMUL") == 1
    if known:
        assert lowered.count("ADD") == lowered.count("MUL") == 0


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 4), (3, 1), (3, 4)])
@pytest.mark.parametrize("computed", [True, False])
def test_what_gemm_adds(lower, make_model, shape, computed):
    inputs, constants = {"a": (3, 5)}, {"b": _numbers((5, 4))}
    if computed:
        inputs["c"] = shape
    else:
        constants["c"] = _numbers(shape)
    node = helper.make_node("Gemm", ["a", "b", "c"], ["y"], beta=0.5)
    lower(make_model([node], inputs, ["y"], constants))


def test_gemm_without_a_sum(lower, make_model):
    node = helper.make_node("Gemm", ["a", "b"], ["y"])
    model = make_model([node], {"a": (3, 5)}, ["y"], {"b": _numbers((5, 4))})
    assert lower(model).kinds == ["FULLY_CONNECTED"]


@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5, 6])
def test_known_right_side(lower, make_model, rank):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    shape = (2, 1, 3, 2, 4, 4)[-rank:]
    model = make_model([node], {"x": shape}, ["y"], {"w": _numbers((4, 4))})
    lowered = lower(model)
    assert lowered.count("FULLY_CONNECTED") == 1
    assert lowered.count("TRANSPOSE") == 0


def test_the_sum_behind_becomes_the_bias(lower, make_model):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Add", ["b", "h"], ["s"]),
        helper.make_node("Relu", ["s"], ["y"]),
    ]
    constants = {"w": _numbers((4, 5)), "b": _numbers(5)}
    model = make_model(nodes, {"x": (2, 4, 4)}, ["y"], constants)
    lowered = lower(model)
    assert lowered.kinds == ["FULLY_CONNECTED"]
    assert lowered.graph.main.operators[0].version == 5


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_known_left_side(lower, make_model, rank):
    node = helper.make_node("MatMul", ["w", "x"], ["y"])
    shape = (3, 2, 4, 4)[-rank:]
    model = make_model([node], {"x": shape}, ["y"], {"w": _numbers((5, 4))})
    lowered = lower(model)
    assert lowered.kinds == ["TRANSPOSE", "FULLY_CONNECTED"]


def test_known_stack_of_matrices(lower, make_model):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    lower(make_model([node], {"x": (3, 4, 4)}, ["y"], {"w": _numbers((3, 4, 5))}))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((4,), (4,)),
        ((4,), (4, 4)),
        ((4, 4), (4,)),
        ((4, 4), (4, 4)),
        ((2, 4, 4), (4,)),
        ((4,), (2, 4, 4)),
        ((4, 4, 4), (4, 4)),
        ((4, 4), (4, 4, 4)),
        ((2, 1, 3, 4), (3, 4, 5)),
        ((2, 1, 3, 4, 4), (3, 1, 4, 5)),
        ((2, 2, 1, 2, 3, 4), (1, 3, 2, 4, 5)),
        ((2, 2, 1, 2, 3, 4), (4, 5)),
    ],
)
def test_computed_sides_broadcast(lower, make_model, left, right):
    node = helper.make_node("MatMul", ["a", "b"], ["y"])
    lowered = lower(make_model([node], {"a": left, "b": right}, ["y"]))
    assert lowered.count("TRANSPOSE") == 0


def test_a_transposed_side_is_read_as_it_lies(lower, make_model):
    nodes = [
        helper.make_node("Transpose", ["b"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["a", "t"], ["y"]),
    ]
    model = make_model(nodes, {"a": (2, 4, 4), "b": (2, 4, 4)}, ["y"])
    assert lower(model).kinds == ["BATCH_MATMUL"]


def test_channels_last_pictures_as_matrices(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["h"]),
        helper.make_node("MatMul", ["h", "w"], ["y"]),
    ]
    constants = {"k": _numbers((4, 4, 1, 1)), "w": _numbers((4, 4))}
    lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))


def test_integers_are_refused(lower, make_model):
    x = np.ones((4, 4), np.int32)
    model = make_model([helper.make_node("MatMul", ["a", "a"], ["y"])], {"a": x}, ["y"])
    with pytest.raises(RefusedError, match="does not compute with int32"):
        lower(model)


def test_products_of_quantized_numbers_are_refused(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["a"], ["c"], to=TensorProto.UINT8),
        helper.make_node("MatMulInteger", ["c", "c"], ["y"]),
    ]
    with pytest.raises(SourceError, match="integers have no known scales"):
        lower(make_model(nodes, {"a": (4, 4)}, ["y"]))
