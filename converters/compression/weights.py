"""A source as the intake looks at it: its weights, and which operators read them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph import DataType, Subgraph, read_graph
from edgekit.converters.lowering.low_rank import MergedBranch, merge_low_rank
from edgekit.converters.lowering.lower import folded_source
from edgekit.converters.lowering.no_ops import drop_no_ops
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode
from edgekit.converters.sources.base import SourceFormat, SourceModel

__all__ = ["Examined", "Weight", "examined"]

_LEAST_ELEMENTS = 16  # of what counts as weights: scales and biases of small layers are fewer
# TFLite operator -> position of the weights and axis of the output channels.
_TFLITE = {
    "CONV_2D": (1, 0),
    "DEPTHWISE_CONV_2D": (1, 3),
    "FULLY_CONNECTED": (1, 0),
    "TRANSPOSE_CONV": (1, 0),
    "GATHER": (0, 0),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """A constant that an operator multiplies with, or looks rows up in.

    Attributes:
        name: Of the source's tensor.
        values: As the source has them, float.
        node: The first node that reads it, as messages call it.
        operator: That node's operator.
        channel_axis: Axis of the output channels (of the rows, in a table that is looked up).
    """

    name: str
    values: npt.NDArray[Any] = field(repr=False)
    node: str
    operator: str
    channel_axis: int

    @property
    def rows(self) -> npt.NDArray[Any]:
        """Its values, one row an output channel."""
        moved = np.moveaxis(self.values, self.channel_axis, 0)
        return moved.reshape(len(moved), -1)


@dataclass(frozen=True, slots=True)
class Examined:
    """A source, with what examiners ask for.

    Attributes:
        source: The source.
        graph: Its nodes with constants folded, low-rank branches merged, and without nodes that
            pass a tensor on; None for a TFLite source, which has its own.
        weights: Each once, in the order of computation.
        given: Its nodes with nothing but constants folded.
        merged: The low-rank branches that are in the weights of ``graph``.
    """

    source: SourceModel
    graph: SourceGraph | None
    weights: tuple[Weight, ...]
    given: SourceGraph | None = None
    merged: tuple[MergedBranch, ...] = ()


def examined(source: SourceModel) -> Examined:
    """Return what examiners look at."""
    if source.format is SourceFormat.TFLITE:
        found = _tflite_weights(read_graph(source.content).main)
        return Examined(source, None, _once(found))
    given = folded_source(source)
    graph, merged = merge_low_rank(drop_no_ops(given), source.trained)
    return Examined(source, graph, _once(_onnx_weights(graph)), given, merged)


def _once(found: Iterator[Weight]) -> tuple[Weight, ...]:
    weights: dict[str, Weight] = {}
    for weight in found:
        real = weight.values.dtype.kind == "f" and weight.values.size >= _LEAST_ELEMENTS
        if real and not _chooses(weight.values):
            weights.setdefault(weight.name, weight)
    return tuple(weights.values())


def _chooses(values: npt.NDArray[Any]) -> bool:
    """Whether a constant only chooses: one-hot tables, identities and triangles of ones."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def _onnx_weights(graph: SourceGraph) -> Iterator[Weight]:
    for node in graph.nodes:
        for position, axis in _places(node):
            name = node.inputs[position] if node.has(position) else ""
            values = graph.constants.get(name)
            if values is not None and values.ndim > 1:
                yield Weight(name, values, node.label, node.kind, axis % values.ndim)


def _places(node: SourceNode) -> tuple[tuple[int, int], ...]:
    """Return the positions of weights in a node's inputs, and the axis of output channels."""
    match node.kind:
        case "Conv":
            return ((1, 0),)
        case "ConvTranspose":
            return ((1, 1),)
        case "Gemm":
            return ((1, 0 if node.integer("transB", 0) else 1),)
        case "MatMul":
            return ((1, -1), (0, -2))
        case "LSTM" | "GRU" | "RNN":
            return ((1, 1), (2, 1))
        case "Gather":
            return ((0, 0),)
    return ()


def _tflite_weights(main: Subgraph) -> Iterator[Weight]:
    for operator in main.operators:
        position, axis = _TFLITE.get(operator.kind, (len(operator.inputs), 0))
        if position < len(operator.inputs) and operator.inputs[position] >= 0:
            tensor = main.tensors[operator.inputs[position]]
            if tensor.data is not None and tensor.dtype is DataType.FLOAT32 and tensor.shape:
                values = np.frombuffer(tensor.data, np.float32).reshape(tensor.shape)
                label = f"{operator.kind} '{main.tensors[operator.outputs[0]].name}'"
                yield Weight(tensor.name, values, label, operator.kind, axis)
