"""A lowered graph has to compute what its source computes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgekit.converters.engines import EngineError, LoweredModel
from edgekit.converters.engines.graph_proof import prove_graph
from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface, SourceLink
from edgekit.converters.sources import open_source


def lowered(content):
    """Return a model as if it had been lowered from the source."""
    return LoweredModel(
        tflite=content,
        inputs=(Interface("x", (0, 1)),),
        outputs=(Interface("y", (0, 1)),),
        origins={"product": "Mul 'times'"},
        directory=Path(),
        from_cache=False,
        links={name: SourceLink(name, (0, 1)) for name in ("product", "y")},
    )


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
    prove_graph(source, lowered(scaled(2.0)), tmp_path / "log")
    prove_graph(source, lowered(scaled(2.000001)), tmp_path / "log")


@pytest.mark.parametrize(
    ("other", "difference", "named"),
    [
        (
            scaled(2.02),
            r"40\.0 dB SQNR",
            [
                "MUL 'product' from Mul 'times': 40.0 dB SQNR",
                "RESHAPE 'y' from the source: 40.0 dB SQNR",
            ],
        ),
        (scaled(2.0, (3, 1)), r"shape \(3, 1\) instead of \(1, 3\)", []),
    ],
)
def test_others_are_refused(source, tmp_path, other, difference, named):
    with pytest.raises(
        EngineError, match=f"output 'y' differs from the source .{difference}"
    ) as caught:
        prove_graph(source, lowered(other), tmp_path / "log")
    assert list(caught.value.details) == named


def test_a_source_that_gives_nothing_to_compare(source, tmp_path):
    class Nan:
        name = "nothing"

        def run(self, sample):
            return {"y": np.full_like(sample["x"], np.nan)}

    with pytest.raises(EngineError, match="nothing but NaN"):
        prove_graph(replace(source, reference=Nan()), lowered(scaled(2.0)), tmp_path)
