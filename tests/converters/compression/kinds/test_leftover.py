"""Training leftovers of a graph: told, and shown to be gone."""

from dataclasses import replace

import pytest
from onnx import TensorProto, helper

from edgekit.converters.cache import Cache
from edgekit.converters.compression import (
    CompressionFinding,
    Fate,
    FindingKind,
    Outcome,
    examine,
    settle,
)
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.sources.canonical import canonicalise


def network(*, training=False, last="Relu"):
    """Return x -> Identity -> Dropout -> Relu -> Dropout -> y."""
    nodes = [
        helper.make_node("Identity", ["x"], ["i"], "pass"),
        helper.make_node("Dropout", ["i", "ratio", "mode"], ["d"], "drop"),
        helper.make_node("Relu", ["d"], ["r"], "relu"),
        helper.make_node("Dropout", ["r"], ["e"], "again"),
        helper.make_node(last, ["e"], ["y"], "last"),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 4)) for name in "xy")
    held = [
        helper.make_tensor("ratio", TensorProto.FLOAT, (), [0.5]),
        helper.make_tensor("mode", TensorProto.BOOL, (), [training]),
    ]
    graph = helper.make_graph(nodes, "net", [x], [y], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return canonicalise(model, kind="onnx", name="net", input_shapes={})


def lowered(source, tmp_path):
    with OwnEngine(Cache(tmp_path), tmp_path / "log") as engine:
        result = engine.lower(source)
    return Outcome(source, result, read_graph(result.tflite), ())


def leftovers(source):
    return [item for item in examine(source) if item.kind is FindingKind.LEFTOVER]


def test_what_passes_on_is_told_and_gone(tmp_path):
    source = network()
    dropout, identity = leftovers(source)
    assert dropout.summary == "2 Dropout, which pass on what they get"
    assert dropout.figures == {"parts": 2, "operator": "Dropout", "names": "drop, again"}
    assert (identity.tensor, identity.figures["parts"]) == ("pass", 1)
    settled = settle([dropout, identity], lowered(source, tmp_path))
    assert {item.fate for item in settled} == {Fate.MERGED}
    assert "none of the final model's" in settled[0].proof


def test_what_is_in_the_final_model_is_said_to_be(tmp_path):
    outcome = lowered(network(), tmp_path)
    names = [tensor.name for tensor in outcome.final.main.tensors]
    origins = dict.fromkeys(names, "Dropout 'again'")
    outcome = replace(outcome, lowered=replace(outcome.lowered, origins=origins))
    (settled, _) = settle(leftovers(outcome.source), outcome)
    assert settled.fate is Fate.KEPT
    assert "come from it" in settled.proof


def test_training_mode_is_refused_and_no_finding(tmp_path):
    with pytest.raises(RefusedError, match="training mode"):
        lowered(network(training=True), tmp_path)


@pytest.mark.parametrize(("draws", "fate"), [(False, Fate.MERGED), (True, Fate.LOST)])
def test_a_module_in_training_mode(tmp_path, draws, fate):
    finding = CompressionFinding(
        FindingKind.LEFTOVER, "drop", "", {"operator": "Dropout2d", "names": "drop", "parts": 1}
    )
    outcome = lowered(network(), tmp_path)
    if draws:
        main = outcome.final.main
        first, *others = main.operators
        changed = replace(main, operators=(replace(first, kind="RANDOM_UNIFORM"), *others))
        outcome = replace(outcome, final=replace(outcome.final, subgraphs=(changed,)))
    (settled,) = settle([finding], outcome)
    assert settled.fate is fate
    assert ("1 of" if draws else "none of") in settled.proof


def test_without_any_there_is_no_finding():
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 4))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 4))
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "net", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    source = canonicalise(model, kind="onnx", name="net", input_shapes={})
    assert not leftovers(source)
