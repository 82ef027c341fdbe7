"""Integers on the graph: ranges from samples, a rule for each operator family, a plan."""

from edgekit.converters.quantize.observe import Range, observe_ranges
from edgekit.converters.quantize.quantize import QuantizationError, quantize_graph

__all__ = ["QuantizationError", "Range", "observe_ranges", "quantize_graph"]
