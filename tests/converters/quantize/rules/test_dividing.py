"""Quotients and remainders: whole numbers exactly, others by table, in both kernel sets."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.bundle.manifest import Io
from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.quantize import Observations, Range, quantize_graph
from edgekit.converters.request import QuantizationRequest
from edgekit.runtime.interpreter import Kernels

SHAPE = (4, 3)


@pytest.mark.parametrize("divisor", [7.0, -4.0, [2.0, 5.0, 11.0]])
def test_remainders_of_whole_numbers_are_exact(quantized, model_of, divisor):
    nodes = [
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mod", ["f", "d"], ["y"], fmod=1),
    ]
    model = model_of(nodes, {"i": (SHAPE, "int64")}, ["y"], {"d": np.array(divisor, np.float32)})
    result = quantized(model, lambda g: {"i": g.integers(-100, 100, SHAPE)})
    assert result.violations == ()
    assert result.largest_error == 0


@pytest.mark.parametrize(
    ("kind", "function"), [("FLOOR_DIV", np.floor_divide), ("FLOOR_MOD", np.mod)]
)
@pytest.mark.parametrize("divisor", [0.75, -3.0])
def test_other_numbers_are_looked_up(kind, function, divisor):
    """The input's grid is known, so the table has to give what NumPy gives of its values."""
    builder = GraphBuilder()
    builder.inputs = [Value("x", (1, 256), DataType.FLOAT32)]
    number = builder.constant(np.array([divisor], np.float32), "d")
    builder.outputs = [builder.emit(kind, [builder.inputs[0], number], (1, 256), name="y")]
    real = np.arange(-128, 128) / 16
    wanted = function(real, divisor)
    seen = Observations(
        {"x": Range(real.min(), real.max()), "y": Range(wanted.min(), wanted.max())}, {}
    )
    graph = quantize_graph(builder.finish(), seen, QuantizationRequest(io=Io.INT8), {})
    content = write_graph(graph)
    main = read_graph(content).main
    assert kind not in [operator.kind for operator in main.operators]
    (step,) = main.tensors[main.outputs[0]].quantization.scales
    for kernels in Kernels:
        runner = TfliteRunner(
            content, [Interface("x", (0, 1))], [Interface("y", (0, 1))], kernels=kernels
        )
        given = runner.run({"x": real.reshape(1, -1).astype(np.float32)})["y"]
        assert np.max(np.abs(given[0] - wanted)) <= step / 2 + 1e-6
