"""Small networks with zeroed channels, lowered and relieved of them."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, shape_inference

from edgekit.converters.compression.channel_removal import remove_channels
from edgekit.converters.graph import write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import lower_source
from edgekit.converters.removed_channels import RemovedChannels
from edgekit.converters.sources.base import probe_sample


@dataclass
class Net:
    """An ONNX model ``x -> y`` in the making."""

    shape: tuple
    nodes: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def add(self, kind, inputs, output, **attributes):
        """Add a node, its inputs as names with spaces between."""
        self.nodes.append(helper.make_node(kind, inputs.split(), [output], output, **attributes))

    def layer(self, kind, given, output, shape, *, dead=(), axis=0, bias=0.0, **attributes):
        """Add a layer whose weights are zero in some channels; their biases are one number."""
        values = self.random.standard_normal(shape).astype(np.float32)
        np.moveaxis(values, axis, 0)[list(dead)] = 0
        groups = attributes.get("group", 1) if kind == "ConvTranspose" else 1
        biases = self.random.standard_normal(shape[axis] * groups).astype(np.float32)
        biases[list(dead)] = bias
        self.constants |= {f"{output}.w": values, f"{output}.b": biases}
        self.add(kind, f"{given} {output}.w {output}.b", output, **attributes)

    def model(self, outputs=("y",)):
        """Return the model; onnx infers the shapes of its outputs."""
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            [numpy_helper.from_array(np.asarray(v), k) for k, v in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", 20)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return shape_inference.infer_shapes(model, strict_mode=True)


@dataclass(frozen=True)
class Relieved:
    """What is left of a network.

    Attributes:
        removed: What was taken out, None where nothing was.
        shapes: Operator and shape of what it writes, in the order of execution.
        links: The source's tensor -> the link of its counterpart.
    """

    removed: RemovedChannels | None
    shapes: list
    links: dict

    def of(self, kind):
        """Return the shapes that operators of a kind write."""
        return [shape for name, shape in self.shapes if name == kind]


@pytest.fixture(scope="session")
def net():
    """Start a model that takes ``x`` of a shape."""
    return Net


@pytest.fixture
def relieve(open_onnx):
    """Lower a model, remove channels, compare with onnxruntime, return what is left."""

    def make(net, outputs=("y",), tolerance=1e-5):
        source = open_onnx(net.model(outputs))
        graph, removed = remove_channels(source, lower_source(source))
        runner = TfliteRunner(write_graph(graph.graph), graph.inputs, graph.outputs)
        for seed in range(3):
            sample = probe_sample(source.inputs, seed)
            expected, actual = source.reference.run(sample), runner.run(sample)
            for item in graph.outputs:
                wanted = np.transpose(expected[item.name], item.axes)
                bound = tolerance * float(np.abs(wanted).max())
                np.testing.assert_allclose(actual[item.name], wanted, rtol=0, atol=bound)
        main = graph.graph.main
        shapes = [
            (operator.kind, main.tensors[operator.outputs[0]].shape) for operator in main.operators
        ]
        return Relieved(removed, shapes, {link.name: link for link in graph.links.values()})

    return make
