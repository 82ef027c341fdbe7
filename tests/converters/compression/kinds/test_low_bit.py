"""Low-bit weights: found by their grid, and exact in the final model."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Fate, FindingKind, Outcome, examine, settle
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.request import FourBits
from edgekit.converters.sources.base import probe_sample

RANDOM = np.random.default_rng(11)


@pytest.fixture
def convert(open_onnx, small_models, tmp_path):
    """Convert Conv and Gemm of given weights; return the outcome and the settled findings."""

    def make(conv, dense, **more):
        node = small_models.node
        model = small_models.onnx_model(
            [
                node("Conv", "x conv bias", "a", pads=[1, 1, 1, 1]),
                node("Relu", "a", "b"),
                node("GlobalAveragePool", "b", "c"),
                node("Flatten", "c", "d"),
                node("Gemm", "d dense", "y", transB=1),
            ],
            [("x", [1, conv.shape[1], 8, 8])],
            [("y", [1, len(dense)])],
            {
                "conv": np.float32(conv),
                "bias": RANDOM.standard_normal(len(conv)).astype(np.float32),
                "dense": np.float32(dense),
            },
        )
        source = open_onnx(model)
        samples = [probe_sample(source.inputs, seed) for seed in range(8)]
        request = QuantizationRequest(Scheme.INT8, Io.INT8, **more)
        with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
            lowered = engine.lower(source)
            content = engine.quantize(lowered, request, samples)
        outcome = Outcome(source, lowered, read_graph(content), ())
        found = [item for item in examine(source) if item.kind is FindingKind.LOW_BIT]
        return outcome, {item.finding.tensor: item for item in settle(found, outcome)}

    return make


@pytest.fixture
def four_bits():
    channels = RANDOM.uniform(0.02, 0.2, (16, 1, 1, 1)).astype(np.float32)
    whole = RANDOM.integers(-8, 8, (16, 4, 3, 3)).astype(np.float32)
    whole[:, 0, 0, 0], whole[:, 1, 0, 0] = -8, 7
    return channels * whole, np.float32(0.11) * RANDOM.integers(-8, 8, (12, 16)).astype(np.float32)


def test_weights_on_a_grid_of_four_bits_are_exact_in_int8(convert, four_bits):
    outcome, settled = convert(*four_bits)
    assert settled["conv"].finding.figures == {
        "bits": 4,
        "values": 16,
        "owner": "channel",
        "elements": 576,
    }
    assert settled["dense"].finding.summary == "on a grid of 4 bits, with a step for the tensor"
    for name, item in settled.items():
        assert item.fate is Fate.KEPT
        assert "stand for their very values; the device stores 8 bits a weight" in item.proof
        (stored,) = outcome.constants_from(name)
        assert len(np.unique(np.frombuffer(stored.data, np.int8))) <= 16


def test_weights_on_another_grid_are_requantized(convert, four_bits):
    outcome, settled = convert(*four_bits)
    (stored,) = outcome.constants_from("dense")
    grid = replace(stored.quantization, scales=tuple(1.01 * s for s in stored.quantization.scales))
    main = outcome.final.main
    tensors = list(main.tensors)
    tensors[stored.index] = replace(stored, quantization=grid)
    final = replace(outcome.final, subgraphs=(replace(main, tensors=tuple(tensors)),))

    (item,) = settle([settled["dense"].finding], replace(outcome, final=final))

    assert item.fate is Fate.REQUANTIZED
    assert item.proof.startswith("rounded by up to 1.00% of the largest weight")


def test_weights_that_are_gone_are_not_proved(convert, four_bits):
    outcome, settled = convert(*four_bits)
    lowered = replace(outcome.lowered, links={})
    (item, _) = settle(
        [found.finding for found in settled.values()], replace(outcome, lowered=lowered)
    )
    assert item.fate is Fate.LOST


def test_dense_weights_are_no_finding(convert):
    _, settled = convert(RANDOM.standard_normal((16, 4, 3, 3)), RANDOM.standard_normal((12, 16)))
    assert settled == {}


KERNELS = FourBits(
    frozenset(["CONV_2D", "FULLY_CONNECTED"]), frozenset(["CONV_2D", "FULLY_CONNECTED"])
)


def test_weights_on_a_grid_of_four_bits_become_int4(convert, four_bits):
    outcome, settled = convert(*four_bits, four_bits=KERNELS)
    for name, item in settled.items():
        assert item.fate is Fate.KEPT
        (stored,) = outcome.constants_from(name)
        assert stored.dtype is DataType.INT4
        assert stored.data_bytes * 2 == item.finding.figures["elements"]
        assert f"4 bits a weight (INT4), {stored.data_bytes} bytes" in item.proof
    versions = {item.kind: item.version for item in outcome.final.main.operators}
    assert (versions["CONV_2D"], versions["FULLY_CONNECTED"]) == (7, 10)


def test_only_where_the_kernel_takes_the_scales(convert, four_bits):
    kernels = FourBits(KERNELS.one_scale, frozenset(["CONV_2D"]))
    outcome, _ = convert(*four_bits, four_bits=kernels)
    types = {name: outcome.constants_from(name)[0].dtype for name in ("conv", "dense")}
    assert types == {"conv": DataType.INT4, "dense": DataType.INT8}


@pytest.mark.parametrize("per_channel_dense", [True, False])
def test_int4_weights_compute_what_the_source_does(convert, four_bits, per_channel_dense):
    """Against onnxruntime with the float weights: as near as int8 weights, which are exact too."""
    distances = []
    for kernels in (KERNELS, FourBits()):
        outcome, _ = convert(*four_bits, four_bits=kernels, per_channel_dense=per_channel_dense)
        runner = TfliteRunner(
            write_graph(outcome.final), outcome.lowered.inputs, outcome.lowered.outputs
        )
        error = signal = 0.0
        for seed in range(8):
            sample = probe_sample(outcome.source.inputs, seed)
            wanted = outcome.source.reference.run(sample)["y"]
            error += float(np.sum((runner.run(sample)["y"] - wanted) ** 2))
            signal += float(np.sum(wanted**2))
        distances.append(10 * np.log10(signal / error))
    assert distances[0] > 25
    assert distances[0] > distances[1] - 3
