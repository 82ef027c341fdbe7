"""Loops whose passes are known become plain operators; the others are refused by what varies."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgekit.converters.lowering import RefusedError
from edgekit.converters.lowering.loops import MOST_NODES

SHAPE = (2, 3)


def constant(values, name):
    return numpy_helper.from_array(np.array(values), name)


def tensor(name, kind=TensorProto.FLOAT, shape=SHAPE):
    return helper.make_tensor_value_info(name, kind, list(shape))


def body(nodes, *, goes_on="goes_on", collected=(), initializers=()):
    """Return a body that carries `last` to `next` and collects some tensors."""
    return helper.make_graph(
        nodes,
        "body",
        [tensor("index", TensorProto.INT64, []), tensor("goes_on", TensorProto.BOOL, []),
         tensor("last")],
        [tensor(goes_on, TensorProto.BOOL, []), tensor("next"), *map(tensor, collected)],
        list(initializers),
    )  # fmt: skip


def adding(goes_on="kept", extra=()):
    nodes = [
        helper.make_node("Identity", ["goes_on"], ["kept"]),
        helper.make_node("Add", ["last", "x"], ["sum"]),
        helper.make_node("Cast", ["index"], ["step"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["sum", "step"], ["scaled"]),
        helper.make_node("Tanh", ["scaled"], ["next"]),
    ]
    return body([*nodes, *extra], goes_on=goes_on, collected=["scaled"])


def looping(make_model, inner, wanted=("y", "all"), passes=3, opset=18, start=True):
    outputs = ["y", "all"][: len(inner.output) - 1]
    nodes = [helper.make_node("Loop", ["passes", "start", "x"], outputs, body=inner)]
    constants = {"passes": np.array(passes, np.int64), "start": np.array(start)}
    model = make_model(nodes, {"x": SHAPE}, wanted, constants, opset)
    # Shape inference does not say what a loop gives.
    shapes = {"y": SHAPE, "all": (None, *SHAPE)}
    for value in model.graph.output:
        value.CopyFrom(tensor(value.name, shape=shapes[value.name]))
    return model


@pytest.mark.parametrize("opset", [11, 13, 18, 21])
def test_a_loop_with_a_known_number_of_passes_is_written_out(lower, make_model, opset):
    lowered = lower(looping(make_model, adding(), opset=opset))
    assert lowered.count("TANH") == 3
    assert "WHILE" not in lowered.kinds


def test_a_single_pass_and_an_unused_output(lower, make_model):
    assert lower(looping(make_model, adding(), passes=1)).count("TANH") == 1
    assert lower(looping(make_model, adding(), wanted=["y"])).count("TANH") == 3
    assert lower(looping(make_model, adding(), wanted=["all"])).count("TANH") == 2


@pytest.mark.parametrize("never", [{"passes": 0}, {"passes": -1}, {"start": False}])
def test_a_loop_that_never_runs_gives_what_it_started_with(lower, make_model, never):
    inner = body(
        [
            helper.make_node("Relu", ["last"], ["next"]),
            helper.make_node("Not", ["goes_on"], ["no"]),
        ],
        goes_on="no",
    )
    lowered = lower(looping(make_model, inner, wanted=["y"], **never))
    assert "RELU" not in lowered.kinds


def test_a_condition_that_is_always_true(lower, make_model):
    true = helper.make_node("Constant", [], ["true"], value=constant(np.ones((), bool), ""))
    assert lower(looping(make_model, adding("true", [true]))).count("TANH") == 3


def test_a_loop_in_a_loop(lower, make_model):
    inner = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["on2"]), helper.make_node("Sin", ["v"], ["w"])],
        "inner",
        [tensor("i", TensorProto.INT64, []), tensor("on", TensorProto.BOOL, []), tensor("v")],
        [tensor("on2", TensorProto.BOOL, []), tensor("w")],
    )
    outer = body(
        [
            helper.make_node("Identity", ["goes_on"], ["kept"]),
            helper.make_node("Loop", ["two", "", "last"], ["sines"], body=inner, name="same"),
            helper.make_node("Mul", ["sines", "factor"], ["next"]),
        ],
        goes_on="kept",
        initializers=[constant(np.int64(2), "two"), constant(np.float32(1.5), "factor")],
    )
    lowered = lower(looping(make_model, outer, wanted=["y"]))
    assert lowered.count("SIN") == 6


def test_a_branch_that_depends_on_the_pass(lower, make_model):
    """The condition becomes constant when the passes are written out."""
    branches = {
        name: helper.make_graph([helper.make_node(kind, ["last"], ["chosen"])], name, [], [
            tensor("chosen")])
        for name, kind in (("then_branch", "Sin"), ("else_branch", "Cos"))
    }  # fmt: skip
    inner = body(
        [
            helper.make_node("Identity", ["goes_on"], ["kept"]),
            helper.make_node("Equal", ["index", "one"], ["is_one"]),
            helper.make_node("If", ["is_one"], ["next"], **branches),
        ],
        goes_on="kept",
        initializers=[constant(np.int64(1), "one")],
    )
    lowered = lower(looping(make_model, inner, wanted=["y"]))
    assert (lowered.count("SIN"), lowered.count("COS")) == (1, 2)


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("passes", TensorProto.INT64, "how often it runs is computed"),
        ("start", TensorProto.BOOL, "whether it goes on is computed"),
    ],
)
def test_what_is_an_input_cannot_be_known(lower, make_model, name, kind, reason):
    model = looping(make_model, adding(), wanted=["y"])
    model.graph.initializer.remove(next(i for i in model.graph.initializer if i.name == name))
    model.graph.input.append(tensor(name, kind, []))
    with pytest.raises(RefusedError, match=reason):
        lower(model)


def test_a_condition_that_the_body_computes(lower, make_model):
    nodes = [
        helper.make_node("ReduceSum", ["next"], ["total"], keepdims=0),
        helper.make_node("Less", ["total", "limit"], ["small"]),
    ]
    inner = adding("small", nodes)
    inner.initializer.append(constant(np.float32(100), "limit"))
    with pytest.raises(RefusedError, match="whether it goes on is computed"):
        lower(looping(make_model, inner))


def test_a_loop_that_is_too_long_says_how_long(lower, make_model):
    with pytest.raises(RefusedError, match=f"5000 nodes, more than {MOST_NODES}"):
        lower(looping(make_model, adding(), wanted=["y"], passes=1000))
