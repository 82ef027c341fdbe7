"""Normalise twice where one variance grid is too coarse for tokens or pixels of all sizes.

A variance is a square: vectors whose sizes differ by 16 have variances that differ by 256, and the
smallest of them is one step of an int8 grid. What such a variance normalises is off by a factor
that is the same along the whole vector, so normalising the result once more takes it out: with
``y = x * r`` for any ``r``, ``x / sqrt(mean(x^2) + e)`` is ``y / sqrt(mean(y^2) + e * r^2)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["normalize_twice"]

_SPREAD = 16.0  # of variances, from which on the smallest has too few of the 255 steps
_NEGLIGIBLE = 0.01  # an epsilon's share of the smallest variance
_MARGIN = 1.3  # by how much the first pass may come out too large
_COARSEST = 0.5  # step of the squares of the first pass, whose mean is 1


def normalize_twice(builder: GraphBuilder, quantizer: Quantizer) -> None:
    """Add a second pass behind each normalisation of a float graph that gains from it."""
    producers = builder.producers()
    nodes: list[Node] = []
    for node in builder.nodes:
        found = _Normalization.of(node, producers)
        trained = any(quantizer.grid_of(value) for value in (*node.reads(), *node.outputs))
        if trained or found is None or not _gains(quantizer, found):
            nodes.append(node)
        else:
            nodes += _twice(quantizer, found)
    builder.nodes = nodes


@dataclass(frozen=True, slots=True)
class _Normalization:
    """``x * RSQRT(MEAN(squares) + epsilon)``."""

    product: Node
    factor: Value
    mean: Node
    epsilon: float

    @classmethod
    def of(cls, node: Node, producers: Mapping[Value, Node]) -> "_Normalization | None":
        if node.kind != "MUL" or node.outputs[0].dtype is not DataType.FLOAT32:
            return None
        for factor in node.reads():
            root = producers.get(factor)
            if root is None or root.kind != "RSQRT":
                continue
            total = producers.get(next(iter(root.reads())))
            if total is None or total.kind != "ADD":
                continue
            epsilons = [value.data for value in total.reads() if value.data is not None]
            means = [producers.get(value) for value in total.reads() if value.data is None]
            if len(epsilons) != 1 or epsilons[0].size != 1:
                continue
            if means[0] is not None and means[0].kind == "MEAN":
                return cls(node, factor, means[0], float(epsilons[0].reshape(-1)[0]))
        return None


def _gains(quantizer: Quantizer, found: _Normalization) -> bool:
    variance = quantizer.range_of(found.mean.outputs[0])
    result = quantizer.range_of(found.product.outputs[0])
    if variance.high + found.epsilon < _SPREAD * (variance.low + found.epsilon):
        return False
    largest = _MARGIN * max(-result.low, result.high)
    return largest**2 < 255 * _COARSEST


def _twice(quantizer: Quantizer, found: _Normalization) -> list[Node]:
    """Return the nodes of both passes."""
    node, mean = found.product, found.mean
    (output,) = node.outputs
    seen = quantizer.range_of(output)
    low, high = _MARGIN * seen.low, _MARGIN * seen.high

    def between(name: str, like: Value, least: float, greatest: float) -> Value:
        value = Value(f"{output.name}/{name}", like.shape, DataType.FLOAT32, origin=output.origin)
        quantizer.assume(value, least, greatest)
        return value

    rough = between("rough", output, low, high)
    squares = between("squares", output, 0.0, max(low**2, high**2))
    power = between("power", mean.outputs[0], 0.0, 2.0)
    again = between("factor", mean.outputs[0], 0.0, 2.0)
    nodes = [
        _plain("MUL", list(node.inputs), rough),
        _plain("MUL", [rough, rough], squares),
        Node("MEAN", [squares, mean.inputs[1]], [power], dict(mean.options)),
    ]
    if found.epsilon > _NEGLIGIBLE * quantizer.range_of(mean.outputs[0]).low:
        largest = found.epsilon * quantizer.range_of(found.factor).high
        part = between("part", found.factor, 0.0, largest)
        share = between("share", found.factor, 0.0, 1.0)
        total = between("total", power, 0.0, 2.0)
        epsilon = quantizer.builder.constant(np.array([found.epsilon], np.float32), "epsilon")
        nodes += [
            _plain("MUL", [found.factor, epsilon], part),
            _plain("MUL", [part, found.factor], share),
            _plain("ADD", [power, share], total),
        ]
        power = total
    result = Node("MUL", [rough, again], [output], dict(node.options))
    return [*nodes, Node("RSQRT", [power], [again]), result]


def _plain(kind: str, inputs: list[Value | None], output: Value) -> Node:
    return Node(kind, inputs, [output], {"fused_activation_function": 0})
