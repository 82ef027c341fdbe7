"""Layers with weights: channels that are all zero, biases that are not, mean errors that go."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Scheme

GENERATOR = np.random.default_rng(21)
BIAS = np.array([0.1, 1.0, -0.2, 0.3], np.float32)
LAYERS = {
    "Conv": ({}, (1, 6, 6, 6), (4, 6, 3, 3)),
    "Gemm": ({"transB": 1}, (1, 24), (4, 24)),
}


def weights_of(shape):
    return (GENERATOR.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def model(model_of, kind, weights, bias=BIAS):
    attributes, shape, _ = LAYERS[kind]
    node = helper.make_node(kind, ["x", "w", "b"], ["y"], name="layer", **attributes)
    return model_of([node], {"x": shape}, ["y"], {"w": weights, "b": bias})


def normal(shape, mean=0.0):
    return lambda generator: {"x": (mean + generator.standard_normal(shape)).astype(np.float32)}


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8])
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("left", [0.0, 1e-12, 1e-7])
def test_a_pruned_channel_keeps_its_bias(quantized, model_of, kind, left, scheme):
    """On a grid made of weights that are all but zero, 32 bits do not hold the bias."""
    _, shape, filters = LAYERS[kind]
    weights = weights_of(filters)
    weights[1] = left

    result = quantized(model(model_of, kind, weights), normal(shape), scheme=scheme)

    assert result.violations == ()
    assert result.worst() > 30


@pytest.mark.parametrize("kind", LAYERS)
def test_rounded_weights_do_not_shift_what_a_layer_gives(quantized, model_of, kind):
    """All weights but one round down by nearly half a step, which adds up over large inputs."""
    _, shape, filters = LAYERS[kind]
    weights = np.full(filters, 10.45 / 127, np.float32)
    weights.reshape(4, -1)[:, 0] = 1.0

    result = quantized(model(model_of, kind, weights), normal(shape, mean=5.0))

    assert result.violations == ()
    assert result.largest_error < 2 * result.largest_step
