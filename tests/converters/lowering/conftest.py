"""Lower small ONNX models and hold what LiteRT makes of them against onnxruntime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from edgekit.converters.graph import write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering.lower import lower_source
from edgekit.converters.sources.base import probe_sample
from edgekit.converters.sources.canonical import canonicalise
from edgekit.runtime.interpreter import Kernels


@dataclass(frozen=True)
class Lowered:
    """What a lowered model is made of."""

    graph: Any
    kinds: list[str]

    def count(self, kind):
        return self.kinds.count(kind)


class Lowerer:
    """Lowers models and compares every output, in the source's axes, with onnxruntime's."""

    def __call__(
        self,
        model,
        *,
        samples: Sequence[Mapping[str, Any]] = (),
        kernels: Sequence[Kernels] = tuple(Kernels),
        tolerance: float = 1e-5,
    ) -> Lowered:
        source = canonicalise(model, kind="onnx", name="model", input_shapes={})
        lowered = lower_source(source)
        content = write_graph(lowered.graph)
        inputs, outputs = lowered.inputs, lowered.outputs
        samples = samples or [probe_sample(source.inputs)]
        expected = [source.reference.run(sample) for sample in samples]
        for choice in kernels:
            runner = TfliteRunner(content, inputs, outputs, kernels=choice)
            for sample, values in zip(samples, expected, strict=True):
                _compare(outputs, runner.run(sample), values, tolerance)
        return Lowered(lowered.graph, [item.kind for item in lowered.graph.main.operators])


@pytest.fixture(scope="session")
def lower() -> Lowerer:
    """Lower an ``onnx.ModelProto``, compare its outputs, return what it became."""
    return Lowerer()


@pytest.fixture(scope="session")
def make_model():
    """Build a model: ``make_model(nodes, inputs, outputs, constants, opset)``."""
    return _make_model


def _make_model(nodes, inputs, outputs, constants=None, opset=21):
    """Build a checked model.

    Args:
        nodes: Made by ``onnx.helper.make_node``.
        inputs: Name -> shape of a float input, or an example array of its type and shape.
        outputs: Names.
        constants: Name -> array.
        opset: Of ONNX's own domain.
    """
    from onnx import TensorProto, helper, numpy_helper

    def declare(name, example):
        if isinstance(example, np.ndarray):
            kind, shape = helper.np_dtype_to_tensor_dtype(example.dtype), example.shape
        else:
            kind, shape = TensorProto.FLOAT, example
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        nodes,
        "model",
        [declare(name, example) for name, example in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    import onnx

    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


def _compare(outputs, actual, expected, tolerance):
    for item in outputs:
        value = np.transpose(actual[item.name], np.argsort(item.axes))
        wanted = expected[item.name]
        assert value.dtype == wanted.dtype
        scale = float(np.max(np.abs(wanted.astype(np.float64)), initial=1e-6))
        np.testing.assert_allclose(value, wanted, rtol=tolerance, atol=tolerance * scale)
