"""Operators without a kernel for int16, written with those that have one.

The ranges of the tensors in between follow from those that were observed.
"""

import math
from collections.abc import Callable

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["expand_for_int16"]

Between = Callable[[str, float, float], Value]


def expand_for_int16(builder: GraphBuilder, quantizer: Quantizer) -> None:
    """Replace the nodes to be of int16 that have no kernels for it, where that is exact."""
    nodes: list[Node] = []
    for node in builder.nodes:
        expand = _EXPANSIONS.get(node.kind)
        stays = quantizer.is_int8 and not quantizer.is_wide(node)
        if expand is None or stays or node.outputs[0].dtype is not DataType.FLOAT32:
            nodes.append(node)
        else:
            nodes += expand(quantizer, node)
    builder.nodes = nodes


def _hard_swish(quantizer: Quantizer, node: Node) -> list[Node]:
    """``x * RELU6(x + 3) / 6``."""
    (given,), (output,) = node.inputs, node.outputs
    assert given is not None
    seen, between = quantizer.range_of(given), _between(quantizer, output)
    moved = between("moved", seen.low + 3, seen.high + 3)
    capped, share = between("capped", 0, 6), between("share", 0, 1)
    return [
        _plain("ADD", [given, _number(quantizer, 3.0)], moved),
        Node("RELU6", [moved], [capped]),
        _plain("MUL", [capped, _number(quantizer, 1 / 6)], share),
        _plain("MUL", [given, share], output),
    ]


def _squared_difference(quantizer: Quantizer, node: Node) -> list[Node]:
    """``d * d`` with ``d = a - b``."""
    (output,) = node.outputs
    largest = math.sqrt(max(quantizer.range_of(output).high, 0.0))
    difference = _between(quantizer, output)("difference", -largest, largest)
    return [
        _plain("SUB", node.inputs, difference),
        _plain("MUL", [difference, difference], output),
    ]


def _square(quantizer: Quantizer, node: Node) -> list[Node]:
    del quantizer
    return [_plain("MUL", [node.inputs[0], node.inputs[0]], node.outputs[0])]


def _elu(quantizer: Quantizer, node: Node) -> list[Node]:
    """``RELU(x) + (EXP(MINIMUM(x, 0)) - 1)``."""
    (given,), (output,) = node.inputs, node.outputs
    assert given is not None
    seen, between = quantizer.range_of(given), _between(quantizer, output)
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)
    above, below = between("above", 0, high), between("below", low, 0)
    power, negative = between("power", 0, 1), between("negative", math.expm1(low), 0)
    return [
        Node("RELU", [given], [above]),
        Node("MINIMUM", [given, _number(quantizer, 0.0)], [below]),
        Node("EXP", [below], [power]),
        _plain("ADD", [power, _number(quantizer, -1.0)], negative),
        _plain("ADD", [above, negative], output),
    ]


def _prelu(quantizer: Quantizer, node: Node) -> list[Node]:
    """``RELU(x) + MINIMUM(x, 0) * slope``; LiteRT's kernel for int16 computes something else."""
    (given, slope), (output,) = node.inputs, node.outputs
    assert given is not None
    assert slope is not None
    seen, slopes = quantizer.range_of(given), quantizer.range_of(slope)
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)
    between = _between(quantizer, output)
    above, below = between("above", 0, high), between("below", low, 0)
    sloped = between("sloped", *sorted((low * slopes.low, low * slopes.high)))
    return [
        Node("RELU", [given], [above]),
        Node("MINIMUM", [given, _number(quantizer, 0.0)], [below]),
        _plain("MUL", [below, slope], sloped),
        _plain("ADD", [above, sloped], output),
    ]


def _between_zero_and_one(quantizer: Quantizer, node: Node) -> list[Node]:
    """``MINIMUM(RELU(x), 1)``."""
    (given,), (output,) = node.inputs, node.outputs
    assert given is not None
    high = max(quantizer.range_of(given).high, 0.0)
    above = _between(quantizer, output)("above", 0, high)
    return [
        Node("RELU", [given], [above]),
        Node("MINIMUM", [above, _number(quantizer, 1.0)], [output]),
    ]


_EXPANSIONS: dict[str, Callable[[Quantizer, Node], list[Node]]] = {
    "ELU": _elu,
    "HARD_SWISH": _hard_swish,
    "PRELU": _prelu,
    "RELU_0_TO_1": _between_zero_and_one,
    "SQUARE": _square,
    "SQUARED_DIFFERENCE": _squared_difference,
}


def _between(quantizer: Quantizer, output: Value) -> Between:
    """Return what makes a tensor in between, of a known range."""

    def make(name: str, low: float, high: float) -> Value:
        full = f"{output.name}/{name}"
        value = Value(full, output.shape, DataType.FLOAT32, origin=output.origin)
        quantizer.assume(value, low, high)
        return value

    return make


def _plain(kind: str, inputs: list[Value | None], output: Value) -> Node:
    return Node(kind, inputs, [output], {"fused_activation_function": 0})


def _number(quantizer: Quantizer, value: float) -> Value:
    return quantizer.builder.constant(np.full((1,), value, np.float32), "number")
