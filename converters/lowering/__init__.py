"""Lowering: from ONNX to the float graph, one file an operator family, exact or refused."""

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.float_graph import take_over
from edgekit.converters.lowering.lower import LoweredGraph, lower_source
from edgekit.converters.lowering.registry import lowered_operators, lowers
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = [
    "LoweredGraph",
    "Lowering",
    "RefusedError",
    "SourceNode",
    "lower_source",
    "lowered_operators",
    "lowers",
    "take_over",
]
