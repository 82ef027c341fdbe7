"""Operators whose kernels rescale, at the edges of what the kernels check."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Scheme


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e-3])
def test_a_softmax_of_tiny_scores_loads_and_is_even(quantized, model_of, size):
    model = model_of([helper.make_node("Softmax", ["x"], ["y"])], {"x": (1, 4, 8)}, ["y"])

    def draw(generator):
        return {"x": (size * generator.standard_normal((1, 4, 8))).astype(np.float32)}

    result = quantized(model, draw)
    assert result.violations == ()
    assert result.largest_error <= 1 / 256


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8])
def test_sums_are_right_in_both_kernel_sets(quantized, model_of, scheme):
    """LiteRT's reference kernel of SUM is wrong for int8 and int16."""
    nodes = [helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)]
    model = model_of(nodes, {"x": (1, 4, 30)}, ["y"], {"axes": np.array([2])})
    result = quantized(
        model, lambda g: {"x": g.standard_normal((1, 4, 30)).astype(np.float32)}, scheme=scheme
    )
    assert result.violations == ()
    assert result.worst() > (30 if scheme is Scheme.INT8 else 60)


def test_vectors_of_zeros_leave_the_others_their_reciprocal_roots(quantized, model_of):
    """What nearly vanishes would take all of the range of 1 / sqrt(x)."""
    model = model_of([helper.make_node("LpNormalization", ["x"], ["y"], axis=1)],
                     {"x": (1, 8, 6)}, ["y"])  # fmt: skip

    def sample(generator):
        x = generator.standard_normal((1, 8, 6)).astype(np.float32)
        x[..., 0] = 0
        x[0, 0, 0] = 0.02 * (generator.uniform() < 0.05)  # in few samples
        return {"x": x}

    result = quantized(model, sample)
    assert result.violations == ()
    assert result.worst() > 20
