"""The source as lowering reads it: nodes with attributes, and every tensor's type and shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["SourceGraph", "SourceNode", "body_reads", "read_source_graph"]


@dataclass(frozen=True, slots=True, eq=False)
class SourceNode:
    """One ONNX node.

    Attributes:
        kind: Operator.
        domain: Empty for ONNX's own.
        opset: Version of the domain in the model.
        name: Its name, or that of its first output.
        inputs: Tensor names, empty where absent.
        outputs: Tensor names, empty where absent.
        attributes: As Python and NumPy values.
    """

    kind: str
    domain: str
    opset: int
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.kind} '{self.name}'"

    def has(self, position: int) -> bool:
        """Whether an optional input is there."""
        return position < len(self.inputs) and bool(self.inputs[position])

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute."""
        return int(self.attributes.get(name, default))

    def integers(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Return an attribute that is a list of integers."""
        return tuple(int(value) for value in self.attributes.get(name, default))

    def number(self, name: str, default: float) -> float:
        """Return a float attribute."""
        return float(self.attributes.get(name, default))

    def text(self, name: str, default: str) -> str:
        """Return a string attribute."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class SourceGraph:
    """A model that lowering can read: no dynamic shapes, constants known.

    Attributes:
        nodes: In the order of computation; none of them computes from constants alone.
        inputs: Names.
        outputs: Names.
        shapes: Of every tensor.
        dtypes: NumPy types of every tensor.
        constants: Values known before the model runs.
    """

    nodes: tuple[SourceNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, np.dtype[Any]]
    constants: Mapping[str, npt.NDArray[Any]] = field(repr=False)


def read_source_graph(model: Any, values: Mapping[str, npt.NDArray[Any]]) -> SourceGraph:
    """Read an ONNX model.

    Args:
        model: An ``onnx.ModelProto`` after :func:`edgekit.converters.lowering.prepare.prepare`.
        values: A run of it: every tensor's values on some sample, for types and shapes.
    """
    from onnx import numpy_helper

    graph = model.graph
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    opsets = {item.domain.replace("ai.onnx", ""): item.version for item in model.opset_import}
    nodes = []
    for node in graph.node:
        domain = "" if node.domain == "ai.onnx" else node.domain
        nodes.append(
            SourceNode(
                kind=node.op_type,
                domain=domain,
                opset=opsets.get(domain, 1),
                name=node.name or next(name for name in node.output if name),
                inputs=tuple(node.input),
                outputs=tuple(node.output),
                attributes={item.name: _attribute(item) for item in node.attribute},
            )
        )
    known = {**values, **constants}
    return SourceGraph(
        nodes=tuple(nodes),
        inputs=tuple(value.name for value in graph.input),
        outputs=tuple(value.name for value in graph.output),
        shapes={name: tuple(value.shape) for name, value in known.items()},
        dtypes={name: value.dtype for name, value in known.items()},
        constants=constants,
    )


def body_reads(node: SourceNode) -> set[str]:
    """Return what the bodies of a node read, which may be tensors around it."""
    from onnx import GraphProto

    bodies = [value for value in node.attributes.values() if isinstance(value, GraphProto)]
    return {name for body in bodies for inner in body.node for name in inner.input if name}


def _attribute(item: Any) -> Any:
    from onnx import helper, numpy_helper

    value = helper.get_attribute_value(item)
    return numpy_helper.to_array(value) if hasattr(value, "raw_data") else value
