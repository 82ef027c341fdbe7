"""Vectors of very different sizes are normalised in two passes, others in one."""

import numpy as np
import pytest
from onnx import helper

SHAPE = (1, 24, 32)


def normalization(model_of, epsilon=1e-7, kind="LayerNormalization"):
    names, constants = ["x", "scale"], {"scale": np.ones(32, np.float32)}
    node = helper.make_node(kind, names, ["y"], epsilon=epsilon, axis=-1)
    opset = 23 if kind == "RMSNormalization" else 18
    return model_of([node], {"x": SHAPE}, ["y"], constants, opset=opset)


def spread(largest):
    """Return what draws vectors whose sizes lie between 1 and ``largest``."""
    sizes = np.geomspace(1, largest, SHAPE[1])[:, None]

    def draw(generator):
        return {"x": (sizes * generator.standard_normal(SHAPE)).astype(np.float32)}

    return draw


def test_vectors_of_many_sizes_take_two_passes(quantized, model_of):
    result = quantized(normalization(model_of), spread(12))
    assert result.violations == ()
    assert result.kinds.count("RSQRT") == 2
    assert result.worst() > 23  # 17.7 dB with one pass


def test_vectors_of_like_sizes_take_one(quantized, model_of):
    result = quantized(normalization(model_of), spread(1.5))
    assert result.kinds.count("RSQRT") == 1
    assert result.worst() > 30


@pytest.mark.parametrize("epsilon", [0.05, 0.5])
def test_an_epsilon_that_counts_is_kept_in_the_second_pass(quantized, model_of, epsilon):
    result = quantized(normalization(model_of, epsilon), spread(12))
    assert result.violations == ()
    assert result.kinds.count("RSQRT") == 2
    assert result.worst() > 23


def test_an_epsilon_above_all_variances_leaves_nothing_to_gain(quantized, model_of):
    result = quantized(normalization(model_of, 100.0), spread(12))
    assert result.kinds.count("RSQRT") == 1


def test_root_mean_squares_take_two_passes(quantized, model_of):
    result = quantized(normalization(model_of, 1e-3, "RMSNormalization"), spread(12))
    assert result.kinds.count("RSQRT") == 2
    assert result.worst() > 23
