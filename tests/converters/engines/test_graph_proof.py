"""A graph that was taken over has to compute what its file computes."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.converters.engines import EngineError
from edgekit.converters.engines.graph_proof import prove_graph
from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface
from edgekit.converters.sources import open_source

INPUTS, OUTPUTS = [Interface("x", (0, 1))], [Interface("y", (0, 1))]


def scaled(factor, shape=(1, 3)):
    """Return a model ``x [1,3] -> y``, its input times a number."""
    builder = GraphBuilder()
    x = Value("x", (1, 3), DataType.FLOAT32)
    builder.inputs = [x]
    number = builder.constant(np.array(factor, np.float32), "factor")
    value = builder.emit("MUL", [x, number], (1, 3), name="product")
    target = builder.integers(shape, "shape")
    builder.outputs = [builder.emit("RESHAPE", [value, target], shape, name="y", new_shape=shape)]
    return write_graph(builder.finish())


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "net.tflite"
    path.write_bytes(scaled(2.0))
    return open_source(path)


def test_the_same_values_pass(source, tmp_path):
    prove_graph(source, scaled(2.0), INPUTS, OUTPUTS, tmp_path / "log")
    prove_graph(source, scaled(2.000001), INPUTS, OUTPUTS, tmp_path / "log")


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (scaled(2.02), r"40\.0 dB SQNR"),
        (scaled(2.0, (3, 1)), r"shape \(3, 1\) instead of \(1, 3\)"),
    ],
)
def test_others_are_refused(source, tmp_path, other, difference):
    with pytest.raises(EngineError, match=f"output 'y' differs from the source .{difference}"):
        prove_graph(source, other, INPUTS, OUTPUTS, tmp_path / "log")


def test_a_source_that_gives_nothing_to_compare(source, tmp_path):
    class Nan:
        name = "nothing"

        def run(self, sample):
            return {"y": np.full_like(sample["x"], np.nan)}

    with pytest.raises(EngineError, match="nothing but NaN"):
        prove_graph(replace(source, reference=Nan()), scaled(2.0), INPUTS, OUTPUTS, tmp_path)
