"""What a plugin file takes to teach edgekit an operator: see docs/custom-operators.md.

``defines`` says what it computes, ``lowers`` how it becomes TFLite, ``quantizes`` how a TFLite
operator without an integer rule becomes integer.
"""

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula, over_elements
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes
from edgekit.converters.sources.definitions import defines

__all__ = [
    "Formula",
    "Lowering",
    "Quantizer",
    "RefusedError",
    "SourceNode",
    "defines",
    "lowers",
    "over_elements",
    "quantizes",
]
