"""The one typed graph of the converters, in TFLite's operator vocabulary."""

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.description import TFLITE_METADATA, keep_description
from edgekit.converters.graph.flatbuffer import MalformedModelError
from edgekit.converters.graph.interface import with_interface
from edgekit.converters.graph.liveness import peak_activation_bytes
from edgekit.converters.graph.model import (
    Graph,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)
from edgekit.converters.graph.reader import read_graph
from edgekit.converters.graph.writer import write_graph

__all__ = [
    "TFLITE_METADATA",
    "DataType",
    "Graph",
    "MalformedModelError",
    "Operator",
    "Quantization",
    "Signature",
    "Subgraph",
    "Tensor",
    "keep_description",
    "peak_activation_bytes",
    "read_graph",
    "with_interface",
    "write_graph",
]
