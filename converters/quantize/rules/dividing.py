"""Whole quotients and what they leave: in int32 for whole numbers, else by table."""

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes
from edgekit.converters.quantize.rules.lookup import with_constant
from edgekit.converters.quantize.rules.whole_numbers import computes_steps


@quantizes("FLOOR_DIV", "FLOOR_MOD")
def divides(quantizer: Quantizer, node: Node) -> None:
    """Divide whole numbers as they are by known ones; look up other numbers."""
    first, second = node.inputs
    assert first is not None
    assert second is not None
    if not _is_counted(quantizer, first) or not _are_divisors(second):
        with_constant(quantizer, node)
        return
    assert second.data is not None
    node.inputs[1] = quantizer.builder.constant(second.data.astype(np.int32), second.name)
    computes_steps(quantizer, node, 0)


def _is_counted(quantizer: Quantizer, value: Value) -> bool:
    """Tell whether the integers of a value are whole numbers, counted from its zero point."""
    if value.data is not None or not quantizer.is_whole(value):
        return False
    quantization = quantizer.integer(value).quantization
    return quantization is not None and quantization.scales == (1.0,)


def _are_divisors(value: Value) -> bool:
    data = value.data
    return data is not None and bool(np.all(data == np.round(data)) and np.all(data != 0))
