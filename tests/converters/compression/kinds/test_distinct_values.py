"""Few distinct values: what is found, and what the judge reads from the integers."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Fate, FindingKind, Outcome, examine, settle
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import Quantization, read_graph
from edgekit.converters.sources.base import probe_sample

RANDOM = np.random.default_rng(7)


def palette(count, *shape):
    """Return weights of as many values, on no grid, at least 0.04 of the largest apart."""
    values = np.linspace(-1.3, 1, count) + RANDOM.uniform(-0.02, 0.02, count)
    return values[RANDOM.integers(0, count, shape)]


def binary_codes(count, rows, weights):
    scales = np.array([1.0, 0.6, 0.2, 0.05])[:count] * RANDOM.uniform(0.97, 1.03, (rows, count))
    return np.einsum("rwi,ri->rw", RANDOM.choice([-1.0, 1.0], (rows, weights, count)), scales)


@pytest.fixture
def convert(open_onnx, small_models, tmp_path):
    """Convert Conv, depthwise Conv and Gemm of given weights; return outcome and settled."""

    def make(conv, depthwise, dense, scheme=Scheme.INT8, per_channel_dense=True):
        node = small_models.node
        model = small_models.onnx_model(
            [
                node("Conv", "x conv", "a", pads=[1, 1, 1, 1]),
                node("Relu", "a", "b"),
                node("Conv", "b depthwise", "c", group=len(depthwise), pads=[1, 1, 1, 1]),
                node("Relu", "c", "d"),
                node("GlobalAveragePool", "d", "e"),
                node("Flatten", "e", "f"),
                node("Gemm", "f dense", "y", transB=1),
            ],
            [("x", [1, conv.shape[1], 8, 8])],
            [("y", [1, len(dense)])],
            {
                "conv": np.float32(conv),
                "depthwise": np.float32(depthwise),
                "dense": np.float32(dense),
            },
        )
        source = open_onnx(model)
        io = Io.INT8 if scheme is Scheme.INT8 else Io.FLOAT32
        samples = [probe_sample(source.inputs, seed) for seed in range(8)]
        request = QuantizationRequest(scheme, io, per_channel_dense=per_channel_dense)
        with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
            lowered = engine.lower(source)
            content = engine.quantize(lowered, request, samples)
        outcome = Outcome(source, lowered, read_graph(content), ())
        found = [item for item in examine(source) if item.kind is FindingKind.DISTINCT_VALUES]
        return outcome, {item.finding.tensor: item for item in settle(found, outcome)}

    return make


def test_a_dense_network_has_no_finding(convert):
    normal = RANDOM.standard_normal
    _, settled = convert(normal((32, 3, 3, 3)), normal((32, 1, 3, 3)), normal((16, 32)))
    assert settled == {}


@pytest.mark.parametrize("per_channel_dense", [True, False])
def test_palettes_of_tensors_have_one_code_a_value(convert, per_channel_dense):
    outcome, settled = convert(
        palette(16, 32, 3, 3, 3),
        palette(16, 32, 1, 3, 3),
        palette(16, 16, 32),
        per_channel_dense=per_channel_dense,
    )
    assert [item.finding.summary for item in settled.values()] == [
        "a palette of 16 values for the tensor, 4 bits"
    ] * 3
    for name, item in settled.items():
        assert item.fate is Fate.KEPT
        assert item.proof.startswith("16 values, 16 int8 codes; every value has one of its own")
        (stored,) = outcome.constants_from(name)
        assert len(np.unique(np.frombuffer(stored.data, np.int8))) == 16


def test_ternary_and_binary_weights_are_exact(convert):
    signs = RANDOM.choice([-1, 1], (32, 1, 3, 3)) * RANDOM.uniform(0.1, 2, (32, 1, 1, 1))
    _, settled = convert(
        0.31 * RANDOM.integers(-1, 2, (32, 3, 3, 3)), signs, 0.2 * RANDOM.integers(0, 2, (16, 32))
    )
    assert {name: item.finding.summary for name, item in settled.items()} == {
        "conv": "ternary, with a scale for the tensor",
        "depthwise": "binary, with a scale for each channel",
        "dense": "ternary, with a scale for the tensor",
    }
    for item in settled.values():
        assert item.fate is Fate.KEPT
        assert item.proof.endswith("weights stand for their very values")


@pytest.mark.parametrize("count", [2, 3, 4])
def test_binary_codes_stay_as_many(convert, count):
    _, settled = convert(
        binary_codes(count, 32, 36).reshape(32, 4, 3, 3),
        binary_codes(count, 1, 288).reshape(32, 1, 3, 3),
        binary_codes(count, 24, 32),
    )
    assert settled["conv"].finding.figures == {
        "form": "binary codes",
        "owner": "channel",
        "values": 2**count,
        "bits": count,
        "elements": 32 * 36,
    }
    assert settled["depthwise"].finding.figures["owner"] == "tensor"
    assert {item.fate for item in settled.values()} == {Fate.KEPT}
    assert f"{2**count} values, {2**count} int8 codes" in settled["conv"].proof


def test_the_dynamic_scheme_keeps_palettes_as_well(convert):
    _, settled = convert(
        palette(16, 64, 3, 3, 3), palette(16, 64, 1, 3, 3), palette(16, 32, 64), Scheme.DYNAMIC
    )
    assert {item.fate for item in settled.values()} == {Fate.KEPT}
    assert "float32 codes; all 576 weights stand" in settled["depthwise"].proof


def altered(outcome, name, change):
    """Return an outcome whose constant of a name holds other bytes or scales."""
    (stored,) = outcome.constants_from(name)
    main = outcome.final.main
    tensors = list(main.tensors)
    tensors[stored.index] = change(stored)
    final = replace(outcome.final, subgraphs=(replace(main, tensors=tuple(tensors)),))
    return replace(outcome, final=final)


@pytest.fixture
def palettes(convert):
    return convert(palette(16, 32, 3, 3, 3), palette(16, 32, 1, 3, 3), palette(16, 16, 32))


def test_a_value_that_got_two_codes_is_lost(palettes):
    outcome, settled = palettes

    def change(stored):
        codes = np.frombuffer(stored.data, np.int8).copy()
        codes[0] += 1 if codes[0] < 127 else -1
        return replace(stored, data=codes.tobytes())

    (item,) = settle([settled["conv"].finding], altered(outcome, "conv", change))
    assert item.fate is Fate.LOST
    assert item.proof == "16 values, 17 int8 codes: one value became several"


def test_values_that_fell_together_are_requantized(palettes):
    outcome, settled = palettes

    def change(stored):
        codes = np.frombuffer(stored.data, np.int8) // 64 * 64
        return replace(stored, data=codes.astype(np.int8).tobytes())

    (item,) = settle([settled["conv"].finding], altered(outcome, "conv", change))
    assert item.fate is Fate.REQUANTIZED
    assert "values fell together" in item.proof


def test_codes_of_their_own_in_each_channel_are_requantized(palettes):
    outcome, settled = palettes
    wanted = np.frombuffer(
        next(
            tensor.data
            for tensor in read_graph(outcome.lowered.tflite).main.tensors
            if tensor.name == outcome.constants_from("conv")[0].name
        ),
        np.float32,
    ).reshape(32, -1)

    def change(stored):
        scales = np.abs(wanted).max(axis=1) / 127
        codes = np.round(wanted / scales[:, None]).astype(np.int8)
        grid = Quantization(tuple(map(float, scales)), (0,) * 32, 0)
        return replace(stored, data=codes.tobytes(), quantization=grid)

    (item,) = settle([settled["conv"].finding], altered(outcome, "conv", change))
    assert item.fate is Fate.REQUANTIZED
    assert "each channel has codes of its own" in item.proof


def test_a_tensor_that_is_gone_is_not_proved(palettes):
    outcome, settled = palettes
    lowered = replace(outcome.lowered, links={})
    (item,) = settle([settled["conv"].finding], replace(outcome, lowered=lowered))
    assert item.fate is Fate.LOST
    assert item.proof.startswith("not proved")
