"""Pruned weights: what the examiner tells of them, and what the judge measures of the integers."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Fate, FindingKind, Outcome, examine, settle
from edgekit.converters.compression.final_zeros import zero_places
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.sources.base import probe_sample
from edgekit.device_profiles import load_profile

RANDOM = np.random.default_rng(5)


def network(first, second, bias=None):
    """Return x -> Conv -> Relu -> Conv -> y, 3x3 with padding, over 8 by 8 pictures."""
    constants = {
        "first": first.astype(np.float32),
        "bias": np.zeros(len(first), np.float32) if bias is None else bias.astype(np.float32),
        "second": second.astype(np.float32),
    }
    pads = {"pads": (1, 1, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["x", "first", "bias"], ["a"], "one", **pads),
        helper.make_node("Relu", ["a"], ["r"], "relu"),
        helper.make_node("Conv", ["r", "second"], ["y"], "two", **pads),
    ]
    shapes = {"x": (1, first.shape[1], 8, 8), "y": (1, len(second), 8, 8)}
    info = {k: helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()}
    graph = helper.make_graph(
        nodes,
        "net",
        [info["x"]],
        [info["y"]],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def dense(*shape):
    return RANDOM.standard_normal(shape)


def sparse(*shape, share=0.6):
    return dense(*shape) * (RANDOM.random(shape) >= share)


def channels(*shape):
    values = dense(*shape)
    values[::2] = 0
    return values


def pruned(findings):
    return tuple(item for item in findings if item.kind is FindingKind.PRUNED)


@pytest.fixture
def convert(open_onnx, tmp_path):
    """Examine a model, convert it, and return its outcome and what became of its findings."""

    def make(model, scheme=Scheme.INT8, devices=()):
        source = open_onnx(model)
        found = pruned(examine(source))
        io = Io.FLOAT32 if scheme in (Scheme.FLOAT32, Scheme.DYNAMIC, Scheme.FLOAT16) else Io.INT8
        samples = [probe_sample(source.inputs, seed) for seed in range(8)]
        with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
            lowered = engine.lower(source)
            content = engine.quantize(lowered, QuantizationRequest(scheme, io), samples)
        profiles = tuple(map(load_profile, devices))
        outcome = Outcome(source, lowered, read_graph(content), profiles)
        return outcome, settle(found, outcome)

    return make


def test_a_dense_network_has_no_finding(open_onnx):
    assert pruned(examine(open_onnx(network(dense(8, 4, 3, 3), dense(4, 8, 3, 3))))) == ()


def test_figures_of_a_finding(open_onnx):
    first = channels(8, 4, 3, 3)
    (found,) = pruned(examine(open_onnx(network(first, dense(4, 8, 3, 3)))))
    assert (found.kind, found.tensor) == (FindingKind.PRUNED, "first")
    assert found.summary == (
        "50.0% of 288 weights are zero, channels; 4 of 8 output channels are wholly zero"
    )
    assert found.figures == {
        "elements": 288,
        "zeros": 144,
        "density": 0.5,
        "pattern": "channels",
        "output_channels": 8,
        "zero_output_channels": 4,
        "input_channels": 4,
        "zero_input_channels": 0,
    }


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.DYNAMIC, Scheme.FLOAT16, Scheme.FLOAT32])
def test_zeros_stay_zero_in_their_places(scheme, convert):
    first, second = sparse(8, 4, 3, 3), sparse(4, 8, 3, 3)
    outcome, settled = convert(network(first, second), scheme)
    assert [item.finding.tensor for item in settled] == ["first", "second"]
    assert {item.fate for item in settled} == {Fate.KEPT}
    for name, values in (("first", first), ("second", second)):
        (constant,) = outcome.constants_from(name)
        moved = (values == 0).transpose(0, 2, 3, 1)  # TFLite: output, height, width, input
        assert zero_places(constant)[moved].all()
    assert "each in its place" in settled[0].proof
    assert "no faster" in settled[0].proof


def test_channels_that_are_gone_are_merged(convert):
    outcome, (item,) = convert(network(channels(8, 4, 3, 3), dense(4, 8, 3, 3)))
    assert item.fate is Fate.MERGED
    assert item.proof.startswith("taken out: 4 of 8 output and 0 of 4 input channels; ")
    assert "faster on any runtime: 36864 MACs became 18432" in item.proof
    (constant,) = outcome.constants_from("first")
    assert constant.shape == (4, 3, 3, 4)


def test_channels_that_borders_keep_are_still_zero(convert):
    """Their bias is a constant that the next layer's padding does not let go."""
    bias = np.full(8, 0.5)
    _, (item,) = convert(network(channels(8, 4, 3, 3), dense(4, 8, 3, 3), bias))
    assert item.fate is Fate.KEPT
    assert "of 288 int8 weights are zero, each in its place" in item.proof


def test_verdicts_on_speed(convert):
    model = network(sparse(8, 4, 3, 3), dense(4, 8, 3, 3))
    verdicts = {
        (Scheme.INT8, ()): "XNNPACK's sparse kernels are for float models",
        (Scheme.FLOAT32, ()): "XNNPACK's sparse kernels want weights stored sparsely",
        (Scheme.INT8, ("nucleo-l4r5zi",)): "TensorFlow Lite Micro has no sparse kernels",
    }
    for (scheme, devices), wanted in verdicts.items():
        _, (item,) = convert(model, scheme, devices)
        assert f"no faster: {wanted}" in item.proof


def test_a_zero_that_became_something_is_lost(convert):
    first = sparse(8, 4, 3, 3)
    outcome, (item,) = convert(network(first, dense(4, 8, 3, 3)))
    (constant,) = outcome.constants_from("first")
    codes = np.frombuffer(constant.data, np.int8).copy()
    place = int(np.flatnonzero((first == 0).transpose(0, 2, 3, 1).reshape(-1))[0])
    codes[place] = 1
    spoiled = replace(constant, data=codes.tobytes())
    main = outcome.final.main
    tensors = tuple(spoiled if tensor is constant else tensor for tensor in main.tensors)
    graph = replace(outcome.final, subgraphs=(replace(main, tensors=tensors),))
    (judged,) = settle([item.finding], replace(outcome, final=graph))
    assert judged.fate is Fate.LOST
    assert "not zero" in judged.proof


def test_an_engine_that_tells_no_links_proves_nothing(convert):
    outcome, (item,) = convert(network(sparse(8, 4, 3, 3), dense(4, 8, 3, 3)))
    silent = replace(outcome, lowered=replace(outcome.lowered, links={}))
    (judged,) = settle([item.finding], silent)
    assert (judged.fate, judged.proof[:10]) == (Fate.LOST, "not proved")
