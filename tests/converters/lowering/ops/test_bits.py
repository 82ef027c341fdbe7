"""Operators over bits against onnxruntime, on integers that a Cast makes narrow."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

_A = np.array([0, 1, 77, 127, 85, 60], np.int32)
_B = np.array([127, 3, 50, 127, 42, 0], np.int32)


def _model(make_model, node, to):
    nodes = [
        helper.make_node("Cast", ["a"], ["s"], to=to),
        helper.make_node("Cast", ["b"], ["t"], to=to),
        node,
        helper.make_node("Cast", ["n"], ["y"], to=TensorProto.INT32),
    ]
    return make_model(nodes, {"a": _A, "b": _B}, ["y"])


@pytest.mark.parametrize("kind", ["BitwiseAnd", "BitwiseOr", "BitwiseXor"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("to", [TensorProto.INT8, TensorProto.UINT8, TensorProto.INT16])
def test_two_operands(lower, make_model, kind, sign, to):
    model = _model(make_model, helper.make_node(kind, ["s", "t"], ["n"]), to)
    lower(model, samples=[{"a": _A * sign, "b": _B}])


def test_wide_xor(lower, make_model):
    node = helper.make_node("BitwiseXor", ["s", "t"], ["n"])
    lower(_model(make_model, node, TensorProto.INT32), samples=[{"a": -_A, "b": _B}])


@pytest.mark.parametrize(
    ("kind", "to"), [("BitwiseAnd", TensorProto.INT32), ("BitwiseXor", TensorProto.INT64)]
)
def test_wide_integers_are_refused(lower, make_model, kind, to):
    with pytest.raises(RefusedError):
        lower(_model(make_model, helper.make_node(kind, ["s", "t"], ["n"]), to))


@pytest.mark.parametrize("to", [TensorProto.INT8, TensorProto.INT32, TensorProto.INT64])
def test_not(lower, make_model, to):
    nodes = [
        helper.make_node("Cast", ["a"], ["s"], to=to),
        helper.make_node("BitwiseNot", ["s"], ["n"]),
        helper.make_node("Cast", ["n"], ["y"], to=TensorProto.INT32),
    ]
    lower(make_model(nodes, {"a": _A}, ["y"]), samples=[{"a": _A}])


@pytest.mark.parametrize("direction", ["LEFT", "RIGHT"])
def test_shifts(lower, make_model, direction):
    node = helper.make_node("BitShift", ["s", "t"], ["n"], direction=direction)
    amounts = np.array([0, 1, 2, 3, 6, 7], np.int32)
    lower(_model(make_model, node, TensorProto.UINT8), samples=[{"a": _A, "b": amounts}])
