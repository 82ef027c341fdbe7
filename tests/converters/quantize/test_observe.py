"""One pass over the samples: exact ranges, chosen ranges, means."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface
from edgekit.converters.quantize import Range, observe
from edgekit.converters.request import CalibrationMethod, QuantizationRequest

SHAPE = (1, 400, 3)


@pytest.fixture(scope="module")
def model():
    """Double the input, and negate that."""
    builder = GraphBuilder()
    given = Value("x", SHAPE, DataType.FLOAT32)
    two = builder.constant(np.array(2, np.float32), "two")
    double = builder.emit("MUL", [given, two], SHAPE, name="double")
    result = builder.emit("NEG", [double], SHAPE, name="y")
    builder.inputs, builder.outputs = [given], [result]
    graph = builder.finish()
    return write_graph(graph), graph.main


@pytest.fixture(scope="module")
def samples():
    generator = np.random.default_rng(6)
    return [{"x": generator.laplace(size=SHAPE).astype(np.float32)} for _ in range(60)]


def seen(model, samples, method=CalibrationMethod.MIN_MAX):
    axes = (0, 1, 2)
    request = QuantizationRequest(calibration_method=method)
    return observe(*model, [Interface("x", axes)], [Interface("y", axes)], samples, request)


def test_min_max_is_exact_over_all_samples(model, samples):
    values = np.concatenate([sample["x"] for sample in samples])

    result = seen(model, samples)

    assert result.ranges == {
        "x": Range(values.min(), values.max()),
        "double": Range(2 * values.min(), 2 * values.max()),
        "y": Range(-2 * values.max(), -2 * values.min()),
    }


def test_means_are_by_the_last_axis(model, samples):
    values = np.concatenate([sample["x"] for sample in samples])

    result = seen(model, samples)

    np.testing.assert_allclose(result.means["double"], 2 * values.mean((0, 1)), rtol=1e-4)


def test_values_that_stand_for_infinity_do_not_count(model, samples):
    masked = [{"x": np.where(sample["x"] > 3, -1e30, sample["x"])} for sample in samples]
    kept = np.concatenate([item["x"][item["x"] > -1e9] for item in masked])

    result = seen(model, masked)

    assert result.ranges["x"] == Range(kept.min(), kept.max())


@pytest.mark.parametrize("method", list(CalibrationMethod)[1:])
def test_inner_tensors_are_clipped_and_inputs_are_not(model, samples, method):
    exact, result = seen(model, samples), seen(model, samples, method)

    assert result.ranges["x"] == exact.ranges["x"]
    assert result.ranges["double"].high < exact.ranges["double"].high
    np.testing.assert_array_equal(result.means["y"], exact.means["y"])
