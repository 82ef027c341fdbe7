"""Quantize small ONNX models on seeded samples and compare the integers with onnxruntime."""

from dataclasses import dataclass

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import Graph, read_graph, write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import lower_source
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.quantize import observe, quantize_graph
from edgekit.converters.request import CalibrationMethod, QuantizationRequest
from edgekit.converters.sources.base import probe_sample
from edgekit.converters.sources.canonical import canonicalise
from edgekit.runtime.interpreter import Kernels

DTYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "bool": TensorProto.BOOL}


@dataclass(frozen=True)
class Quantized:
    """A quantized model and how far it is from its source.

    Attributes:
        graph: As read back from the file.
        violations: Of the contract that was asked for.
        sqnr_db: Output name -> kernels -> SQNR against onnxruntime.
    """

    graph: Graph
    violations: tuple
    sqnr_db: dict
    largest_error: float

    @property
    def largest_step(self):
        """The coarsest grid of any computed tensor."""
        main = self.graph.main
        return max(
            tensor.quantization.scales[0]
            for tensor in main.tensors
            if tensor.quantization and not tensor.is_constant
        )

    @property
    def kinds(self):
        return [operator.kind for operator in self.graph.main.operators]

    def worst(self):
        return min(figure for figures in self.sqnr_db.values() for figure in figures.values())


def model_of(nodes, inputs, outputs, constants=None, opset=18):
    """Return an ONNX model; inputs are name -> shape or (shape, dtype)."""
    infos = []
    for name, given in inputs.items():
        shape, dtype = given if isinstance(given[-1], str) else (given, "float32")
        infos.append(helper.make_tensor_value_info(name, DTYPES[dtype], shape))
    graph = helper.make_graph(
        nodes,
        "model",
        infos,
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in (constants or {}).items()],
    )
    for value in graph.output:
        value.ClearField("type")
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    return onnx.shape_inference.infer_shapes(model)


@pytest.fixture(scope="session", name="model_of")
def _model_of():
    return model_of


@pytest.fixture(scope="session")
def quantized():
    """Return a function that quantizes a model and measures it with all kernels."""

    def run(
        model,
        sample,
        *,
        scheme=Scheme.INT8,
        io=None,
        count=48,
        kernels=tuple(Kernels),
        method=CalibrationMethod.MIN_MAX,
        float_islands=False,
    ):
        io = io or {Scheme.INT8: Io.INT8, Scheme.INT16X8: Io.INT16}[scheme]
        source = canonicalise(model, kind="onnx", name="model", input_shapes={})
        lowered = lower_source(source)
        inputs, outputs = lowered.inputs, lowered.outputs
        samples = [sample(np.random.default_rng(seed)) for seed in range(count)]
        floats = write_graph(lowered.graph)
        request = QuantizationRequest(
            scheme=scheme, io=io, calibration_method=method, float_islands=float_islands
        )
        seen = observe(floats, lowered.graph.main, inputs, outputs, samples, request)
        content = write_graph(quantize_graph(lowered.graph, seen, request, lowered.origins))
        graph = read_graph(content)
        context = ContractContext(scheme, io, origins=lowered.origins)
        expected = [source.reference.run(item) for item in samples]
        figures, largest = {}, 0.0
        for choice in kernels:
            runner = TfliteRunner(content, inputs, outputs, kernels=choice)
            actual = [runner.run(item) for item in samples]
            for item in outputs:
                sums = PairedSums()
                for one, other in zip(expected, actual, strict=True):
                    wanted = np.transpose(one[item.name], item.axes)
                    sums.add(wanted, other[item.name])
                    difference = wanted.astype(np.float64) - other[item.name]
                    largest = max(largest, float(np.max(np.abs(difference), initial=0.0)))
                figures.setdefault(item.name, {})[choice] = sums.sqnr_db
        return Quantized(graph, check_contract(graph, context), figures, largest)

    return run


@pytest.fixture(scope="session")
def exact():
    """Return a function that lowers a model and compares it with onnxruntime in float."""

    def run(model):
        source = canonicalise(model, kind="onnx", name="model", input_shapes={})
        lowered = lower_source(source)
        inputs, outputs = lowered.inputs, lowered.outputs
        runner = TfliteRunner(write_graph(lowered.graph), inputs, outputs)
        sample = probe_sample(source.inputs, 5)
        expected, actual = source.reference.run(sample), runner.run(sample)
        for item in outputs:
            wanted = np.transpose(expected[item.name], item.axes)
            np.testing.assert_allclose(actual[item.name], wanted, rtol=1e-4, atol=1e-5)

    return run
