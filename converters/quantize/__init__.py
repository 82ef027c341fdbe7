"""Integers on the graph: ranges from samples, a rule for each operator family, a plan."""

from edgekit.converters.quantize.observe import Observations, observe
from edgekit.converters.quantize.quantize import quantize_graph
from edgekit.converters.quantize.ranges import Range
from edgekit.converters.quantize.weight_only import compress_weights

__all__ = ["Observations", "Range", "compress_weights", "observe", "quantize_graph"]
