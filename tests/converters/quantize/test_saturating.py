"""Grids end where readers saturate, and nothing that a reader tells apart is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from edgekit.bundle.manifest import Scheme
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.parameters import NARROW, WIDE
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.ranges import Range
from edgekit.converters.quantize.saturating import end_where_readers_saturate

SHAPE = (1, 6, 6, 6)
FAR = Range(-20.0, 20.0)
# Where tanh(x) * 128 and sigmoid(x) * 256 are half an integer below the last one; by mpmath.
TANH = Range(-3.118_2, 2.566_9)
SIGMOID = Range(-6.236_4, 5.133_8)


def normal(generator):
    return {"x": 4.0 * generator.standard_normal(SHAPE).astype(np.float32)}


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(
        kind, list(inputs), list(outputs), name=f"my_{outputs[0]}", **attributes
    )


def real(name, shape=SHAPE):
    return Value(name, shape, DataType.FLOAT32)


def ranges(readers, seen, *, activations=NARROW, kept=False, tabled=False, given_out=False):
    """Return the range of ``x`` = ABS(input) after what its readers need was found."""
    source, x = real("input"), real("x")
    builder = GraphBuilder()
    builder.inputs = [source]
    builder.nodes = [Node("ABS", [source], [x])]
    for index, kind in enumerate(readers):
        builder.nodes.append(Node(kind, [x], [real(f"y{index}")]))
    results = [item for reader in builder.nodes[1:] for item in reader.outputs]
    builder.outputs = [*results, x] if given_out else results
    observed = {"input": seen, "x": seen, **{item.name: seen for item in results}}
    quantizer = Quantizer(builder, Observations(observed, {}), activations, per_channel_dense=True)
    stays = set(builder.nodes[1:]) if kept else set()
    end_where_readers_saturate(builder, quantizer, stays, {x} if tabled else set())
    return quantizer.range_of(x)


def near(found, wanted):
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-3)


@pytest.mark.parametrize(
    ("readers", "wanted"),
    [
        (["TANH"], TANH),
        (["LOGISTIC"], SIGMOID),
        (["RELU"], Range(0.0, 20.0)),
        (["RELU6"], Range(0.0, 6.0)),
        (["HARD_SWISH"], Range(-3.0, 20.0)),
        (["TANH", "LOGISTIC"], SIGMOID),
        (["TANH", "RELU"], Range(TANH.low, 20.0)),
        (["TANH", "EXP"], FAR),
        (["GELU"], FAR),
    ],
)
def test_a_range_is_what_all_readers_need_together(readers, wanted):
    near(ranges(readers, FAR), wanted)


def test_a_range_never_grows_for_a_function():
    assert ranges(["TANH", "LOGISTIC"], Range(-0.5, 0.25)) == Range(-0.5, 0.25)


@pytest.mark.parametrize("reason", ["kept", "tabled", "given_out"])
def test_what_others_see_keeps_its_range(reason):
    assert ranges(["TANH"], FAR, **{reason: True}) == FAR


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("TANH", Range(-5.891_7, 5.342_4)), ("LOGISTIC", Range(-11.090_3, 9.991_7))],
)
def test_int16_saturates_later(kind, wanted):
    # Where the function times 32768 is half an integer below the last one; by mpmath.
    near(ranges([kind], FAR, activations=WIDE), wanted)


def test_a_silu_needs_nothing_where_its_gate_is_zero(quantized, model_of):
    nodes = [
        node("Mul", ("x", "scale"), ("m",)),
        node("Sigmoid", ("m",), ("s",)),
        node("Mul", ("m", "s"), ("y",)),
    ]
    scale = np.full((6, 1, 1), 3, np.float32)

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"scale": scale}), normal)

    main = result.graph.main
    first = main.tensors[main.operators[0].outputs[0]]
    (step,), (point,) = first.quantization.scales, first.quantization.zero_points
    assert (-128 - point) * step == pytest.approx(SIGMOID.low, abs=step)
    assert (127 - point) * step > 30
    assert result.worst() > 35


def test_what_also_multiplies_something_else_keeps_its_range(quantized, model_of):
    nodes = [
        node("Mul", ("x", "scale"), ("m",)),
        node("Sigmoid", ("m",), ("s",)),
        node("Mul", ("m", "s"), ("y",)),
        node("Mul", ("m", "x"), ("z",)),
    ]
    scale = np.full((6, 1, 1), 3, np.float32)

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y", "z"], {"scale": scale}), normal)

    assert result.worst() > 30


@settings(deadline=None)
@given(st.floats(0.1, 50.0), st.floats(0.1, 50.0), st.floats(-100.0, 100.0))
@pytest.mark.parametrize(
    ("kind", "function", "step", "point"),
    [
        ("TANH", np.tanh, 1 / 128, 0),
        ("LOGISTIC", lambda x: 1 / (1 + np.exp(-x)), 1 / 256, -128),
    ],
)
def test_nothing_that_a_function_tells_apart_is_lost(kind, function, step, point, low, high, x):
    found = ranges([kind], Range(-low, high))

    def stored(value):
        steps = function(value) / step + point
        half = 0.5 + 1e-9  # kernels round halves away from zero
        return np.clip(np.trunc(steps + np.copysign(half, steps)), -128, 127)

    inside = np.clip(x, -low, high)
    assert stored(np.clip(inside, found.low, found.high)) == stored(inside)


def test_the_input_of_a_function_is_finer_behind_a_move_as_well(quantized, model_of):
    nodes = [
        node("Conv", ("x", "w"), ("c",)),
        node("Transpose", ("c",), ("t",), perm=[0, 2, 1, 3]),
        node("Tanh", ("t",), ("y",)),
    ]
    kernel = np.eye(6, dtype=np.float32).reshape(6, 6, 1, 1)

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"w": kernel}), normal)

    main = result.graph.main
    (conv,) = [item for item in main.operators if item.kind == "CONV_2D"]
    (scale,) = main.tensors[conv.outputs[0]].quantization.scales
    assert scale == pytest.approx((TANH.high - TANH.low) / 255, rel=1e-3)
    assert result.violations == ()


def test_a_part_that_is_taken_out_does_not_narrow_the_whole(quantized, model_of):
    # Few samples show the part alone; the whole tells better how far it may reach.
    nodes = [
        node("Conv", ("x", "w"), ("c",)),
        node("Slice", ("c", "first", "last", "axes"), ("y",)),
    ]
    kernel = np.diag([1, 1, 1, 1, 1, 9]).astype(np.float32).reshape(6, 6, 1, 1)
    places = {"first": np.array([0]), "last": np.array([2]), "axes": np.array([1])}

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"w": kernel, **places}), normal)

    main = result.graph.main
    (conv,) = [item for item in main.operators if item.kind == "CONV_2D"]
    (scale,) = main.tensors[conv.outputs[0]].quantization.scales
    assert scale * 255 > 9 * 4 * 4


def test_a_function_at_the_start_of_a_table_does_not_round(quantized, model_of):
    # The logarithm of a sigmoid is nearly the number itself where the sigmoid is nearly zero.
    nodes = [
        node("Mul", ("x", "scale"), ("m",)),
        node("Sigmoid", ("m",), ("s",)),
        node("Log", ("s",), ("l",)),
        node("Mul", ("l", "half"), ("h",)),
        node("Add", ("h", "half"), ("y",)),
    ]
    constants = {"scale": np.full((6, 1, 1), 0.6, np.float32), "half": np.float32(0.5)}

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], constants), normal)

    assert "GATHER" in result.kinds
    assert result.worst() > 30


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8])
def test_parts_of_a_join_have_the_grid_of_the_whole(quantized, model_of, scheme):
    generator = np.random.default_rng(3)
    nodes = [
        node("Conv", ("x", "w1"), ("a",)),
        node("Conv", ("x", "w2"), ("b",)),
        node("Concat", ("a", "b"), ("j",), axis=1),
        node("Relu", ("j",), ("y",)),
    ]
    constants = {
        "w1": generator.standard_normal((4, 6, 1, 1)).astype(np.float32),
        "w2": 0.5 * generator.standard_normal((4, 6, 1, 1)).astype(np.float32),
    }

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], constants), normal, scheme=scheme)

    assert "QUANTIZE" not in result.kinds
    assert result.worst() > 30
