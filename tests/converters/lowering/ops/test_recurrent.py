"""LSTM, GRU and RNN against onnxruntime: directions, states, lengths, variants."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
KINDS = list(GATES)


def recurrent(
    make_model,
    kind,
    *,
    steps=4,
    batch=2,
    size=3,
    hidden=5,
    direction="forward",
    bias=True,
    states=None,
    lengths=None,
    peepholes=False,
    outputs=("y", "h", "c"),
    **attributes,
):
    generator = np.random.default_rng(5)
    count, gates = 1 + (direction == "bidirectional"), GATES[kind]

    def values(*shape):
        return generator.standard_normal(shape).astype(np.float32)

    constants = {
        "w": values(count, gates * hidden, size),
        "r": values(count, gates * hidden, hidden),
    }
    inputs = {"x": (steps, batch, size)}
    if bias:
        constants["b"] = values(count, 2 * gates * hidden)
    if lengths is not None:
        constants["lengths"] = np.array(lengths, np.int32)
    for name in ("h0", "c0") if kind == "LSTM" else ("h0",):
        if states == "computed":
            inputs[name] = (count, batch, hidden)
        elif states == "zeros":
            constants[name] = np.zeros((count, batch, hidden), np.float32)
        elif states == "constant":
            constants[name] = values(count, batch, hidden)
    if peepholes:
        constants["p"] = values(count, 3 * hidden)
    known = {*constants, *inputs}
    names = ["x", "w", "r", "b", "lengths", "h0", *(["c0", "p"] if kind == "LSTM" else [])]
    names = [name if name in known else "" for name in names]
    outputs = outputs[: 3 if kind == "LSTM" else 2]
    node = helper.make_node(
        kind, names, outputs, hidden_size=hidden, direction=direction, name="layer", **attributes
    )
    return make_model([node], inputs, [name for name in outputs if name], constants)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("states", [None, "zeros", "constant", "computed"])
def test_directions_and_states(lower, make_model, kind, direction, states):
    model = recurrent(make_model, kind, direction=direction, states=states)
    lowered = lower(model)
    assert "WHILE" not in lowered.kinds
    assert lowered.count("TRANSPOSE") == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("steps", "batch", "size", "hidden"), [(1, 1, 4, 4), (4, 4, 4, 4), (7, 1, 2, 3)]
)
@pytest.mark.parametrize("bias", [False, True])
def test_sizes(lower, make_model, kind, steps, batch, size, hidden, bias):
    model = recurrent(
        make_model, kind, steps=steps, batch=batch, size=size, hidden=hidden, bias=bias
    )
    lower(model)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("states", [None, "computed"])
def test_reset_behind_the_product(lower, make_model, direction, states):
    lower(recurrent(make_model, "GRU", direction=direction, states=states, linear_before_reset=1))


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("states", [None, "computed"])
def test_peepholes(lower, make_model, direction, states):
    lower(recurrent(make_model, "LSTM", direction=direction, states=states, peepholes=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("states", [None, "computed"])
@pytest.mark.parametrize("lengths", [[4, 2], [1, 3], [2, 2], [4, 4]])
def test_lengths(lower, make_model, kind, direction, states, lengths):
    lower(recurrent(make_model, kind, direction=direction, states=states, lengths=lengths))


@pytest.mark.parametrize(
    ("kind", "names"),
    [("RNN", ["Relu"]), ("GRU", ["Sigmoid", "Relu"]), ("LSTM", ["Sigmoid", "Relu", "Tanh"])],
)
def test_activations(lower, make_model, kind, names):
    lower(recurrent(make_model, kind, activations=names))
    with pytest.raises(RefusedError, match="HardSigmoid"):
        lower(recurrent(make_model, kind, activations=["HardSigmoid"] * len(names)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", [(True, True), (True, False), (False, True)])
def test_outputs_that_nobody_wants(lower, make_model, kind, which):
    outputs = tuple(name if wanted else "" for name, wanted in zip("yh", which, strict=True))
    lowered = lower(recurrent(make_model, kind, outputs=(*outputs, "")))
    assert lowered.count("PACK") == which[0]


def test_weights_are_shared_between_steps(lower, make_model):
    lowered = lower(recurrent(make_model, "LSTM", steps=6, outputs=("", "h", "")))
    assert lowered.count("FULLY_CONNECTED") == 6  # one for all inputs, five for states
    main = lowered.graph.main
    weights = {item.inputs[1] for item in main.operators if item.kind == "FULLY_CONNECTED"}
    assert len(weights) == 2


def test_both_directions_side_by_side_take_no_transposition(lower, make_model):
    model = recurrent(make_model, "LSTM", direction="bidirectional", outputs=("y", "", ""))
    model.graph.output[0].name = "z"
    nodes = [
        *model.graph.node,
        helper.make_node("Transpose", ["y"], ["t"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["t", "shape"], ["z"]),
    ]
    from onnx import numpy_helper

    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    constants["shape"] = np.array([4, 2, 10], np.int64)
    lowered = lower(make_model(nodes, {"x": (4, 2, 3)}, ["z"], constants))
    assert lowered.count("TRANSPOSE") == 0


def test_long_sequences_are_refused(lower, make_model):
    with pytest.raises(RefusedError, match="600 steps"):
        lower(recurrent(make_model, "RNN", steps=600))


@pytest.mark.parametrize("attributes", [{"clip": 1.0}, {"input_forget": 1}])
def test_rare_attributes_are_refused(lower, make_model, attributes):
    with pytest.raises(RefusedError, match="only their defaults"):
        lower(recurrent(make_model, "LSTM", **attributes))
