"""Which tensors of a final model stand for a tensor of the source."""

from pathlib import Path

import numpy as np

from edgekit.converters.compression import Outcome
from edgekit.converters.engines import LoweredModel
from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import SourceLink


def test_constants_and_what_is_computed():
    builder = GraphBuilder()
    x = Value("x", (1, 4), DataType.FLOAT32)
    builder.inputs = [x]
    weights = np.ones((4, 4), np.float32)
    first = builder.emit("FULLY_CONNECTED", [x, builder.constant(weights, "w"), None], (1, 4))
    first.name = "h"
    twin = builder.constant(weights, "w")  # what two layers share is written twice, numbered
    second = builder.emit("FULLY_CONNECTED", [first, twin, None], (1, 4))
    second.name = "y"
    builder.outputs = [second]
    graph = builder.finish()
    links = {"w": SourceLink("kernel", None), "h": SourceLink("hidden", (0, 1))}
    lowered = LoweredModel(b"", (), (), {}, Path(), from_cache=False, links=links)
    outcome = Outcome(source=None, lowered=lowered, final=graph, devices=())
    assert [tensor.name for tensor in outcome.constants_from("kernel")] == ["w", "w_1"]
    assert [tensor.name for tensor in outcome.computed_for("hidden")] == ["h"]
    assert outcome.constants_from("hidden") == ()
    assert outcome.computed_for("absent") == ()


def test_constants_that_are_restored_from_a_smaller_type():
    builder = GraphBuilder()
    x = Value("x", (1, 4), DataType.FLOAT32)
    builder.inputs = [x]
    half = builder.constant(np.ones((4, 4), np.float16), "w/float16")
    whole = builder.emit("DEQUANTIZE", [half], (4, 4), dtype=DataType.FLOAT32, name="w")
    builder.outputs = [builder.emit("FULLY_CONNECTED", [x, whole, None], (1, 4), name="y")]
    links = {"w": SourceLink("kernel", None)}
    lowered = LoweredModel(b"", (), (), {}, Path(), from_cache=False, links=links)
    outcome = Outcome(source=None, lowered=lowered, final=builder.finish(), devices=())
    assert [tensor.name for tensor in outcome.constants_from("kernel")] == ["w/float16"]
