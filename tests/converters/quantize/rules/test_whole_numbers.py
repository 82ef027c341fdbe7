"""Operators that run on int32 between casts: exact but for the rounding of the output."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.bundle.manifest import Scheme

SCHEMES = [Scheme.INT8, Scheme.INT16X8]
SHAPE = (1, 5, 7)


def node(kind, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name=f"n_{outputs[0]}", **attributes)


def shifted(generator):
    return {"x": generator.uniform(-1, 3, SHAPE).astype(np.float32)}


def check(result, least, least_wide, scheme):
    assert result.violations == ()
    assert result.worst() > (least if scheme is Scheme.INT8 else least_wide)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("attributes", [{}, {"exclusive": 1}, {"reverse": 1}])
def test_running_sums(quantized, model_of, scheme, attributes):
    model = model_of(
        [node("CumSum", ("x", "axis"), **attributes)],
        {"x": SHAPE},
        ["y"],
        {"axis": np.array(1, np.int32)},
    )

    check(quantized(model, shifted, scheme=scheme), 38, 80, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("reduction", ["none", "add"])
def test_scattering(quantized, model_of, scheme, reduction):
    model = model_of(
        [node("ScatterND", ("x", "places", "news"), reduction=reduction)],
        {"x": SHAPE},
        ["y"],
        {
            "places": np.array([[0, 1, 2], [0, 3, 3]]),
            "news": np.array([1.5, -0.5], np.float32),
        },
    )

    check(quantized(model, shifted, scheme=scheme), 38, 80, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_reversed_sequences(quantized, model_of, scheme):
    model = model_of(
        [node("ReverseSequence", ("x", "lengths"), batch_axis=0, time_axis=1)],
        {"x": SHAPE},
        ["y"],
        {"lengths": np.array([3])},
    )

    check(quantized(model, shifted, scheme=scheme), 38, 80, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("values", [(0.0, 1.0), (-0.25, 2.0)])
def test_one_hot_vectors(quantized, model_of, scheme, values):
    model = model_of(
        [node("OneHot", ("x", "depth", "values"))],
        {"x": ((2, 3), "int64")},
        ["y"],
        {"depth": np.array(5), "values": np.array(values, np.float32)},
    )

    result = quantized(
        model, lambda generator: {"x": generator.integers(-5, 5, (2, 3))}, scheme=scheme
    )

    check(result, 45, 80, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("dtype", "high"), [("int64", 1000), ("bool", 2)])
def test_numbers_of_whole_numbers(quantized, model_of, scheme, dtype, high):
    nodes = [node("Cast", to=TensorProto.FLOAT, outputs=("f",)), node("Mul", ("f", "half"))]
    model = model_of(nodes, {"x": (SHAPE, dtype)}, ["y"], {"half": np.float32(0.5)})

    result = quantized(
        model, lambda generator: {"x": generator.integers(0, high, SHAPE).astype(dtype)},
        scheme=scheme,
    )  # fmt: skip

    check(result, 38, 80, scheme)


@pytest.mark.parametrize("dtype", [TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL])
def test_whole_numbers_of_numbers_drop_the_fraction(quantized, model_of, dtype):
    nodes = [node("Cast", to=dtype, outputs=("i",)), node("Cast", ("i",), to=TensorProto.FLOAT)]
    model = model_of(nodes, {"x": SHAPE}, ["y"])

    def between_steps(generator):
        """Values that no rounding of the input takes to another whole number."""
        whole = generator.integers(-4, 10, SHAPE)
        return {"x": (whole + np.sign(whole) * 0.5).astype(np.float32)}

    result = quantized(model, between_steps)

    check(result, 40, 40, Scheme.INT8)
