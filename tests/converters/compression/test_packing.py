"""Palettes of a conversion stand for the very weights of the final model."""

import numpy as np
import pytest

from edgekit.converters.cache import Cache
from edgekit.converters.compression import Outcome, examine, packed_weights
from edgekit.converters.compression.stored_weights import codes_of
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import DataType, read_graph
from edgekit.converters.request import FourBits
from edgekit.converters.sources.base import probe_sample

KERNELS = frozenset(["CONV_2D", "FULLY_CONNECTED"])


@pytest.fixture
def convert(open_onnx, small_models, tmp_path):
    def make(conv, dense, four_bits):
        node = small_models.node
        model = small_models.onnx_model(
            [
                node("Conv", "x conv", "a", pads=[1, 1, 1, 1]),
                node("GlobalAveragePool", "a", "b"),
                node("Flatten", "b", "c"),
                node("Gemm", "c dense", "y", transB=1),
            ],
            [("x", [1, conv.shape[1], 6, 6])],
            [("y", [1, len(dense)])],
            {"conv": np.float32(conv), "dense": np.float32(dense)},
        )
        source = open_onnx(model)
        samples = [probe_sample(source.inputs, seed) for seed in range(4)]
        with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
            lowered = engine.lower(source)
            content = engine.quantize(lowered, QuantizationRequest(four_bits=four_bits), samples)
        outcome = Outcome(source, lowered, read_graph(content), ())
        return outcome, packed_weights(examine(source), outcome)

    return make


@pytest.mark.parametrize("kernels", [FourBits(), FourBits(KERNELS, KERNELS)])
def test_they_are_the_weights_of_the_final_model(convert, kernels):
    generator = np.random.default_rng(4)
    palette = np.linspace(-1.3, 1, 8) ** 3
    outcome, palettes = convert(
        palette[generator.integers(0, 8, (32, 4, 3, 3))],
        0.21 * generator.integers(-1, 2, (10, 32)),
        kernels,
    )
    (conv,), (dense,) = outcome.constants_from("conv"), outcome.constants_from("dense")
    found = {item.name: item for item in palettes}
    assert set(found) == {conv.name, dense.name}
    for tensor in (conv, dense):
        np.testing.assert_array_equal(found[tensor.name].unpacked(), codes_of(tensor))
        assert found[tensor.name].size_bytes < tensor.data_bytes
    assert dense.dtype is (DataType.INT4 if kernels.one_scale else DataType.INT8)
    assert found[conv.name].bits == 3
    assert found[dense.name].bits == 2


def test_dense_weights_have_none(convert):
    generator = np.random.default_rng(4)
    _, palettes = convert(
        generator.standard_normal((32, 4, 3, 3)), generator.standard_normal((10, 32)), FourBits()
    )
    assert palettes == ()
