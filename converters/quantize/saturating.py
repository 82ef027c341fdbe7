"""Ranges end where those who read a value stop telling its values apart.

A RELU makes one zero of all that is below zero, and what a TANH reads beyond 2.6 gives the same
int8 as 2.6 does. A grid that ends there has finer steps where they matter, and loses nothing: what
saturates on it would have saturated one operator later.
"""

import math
from collections.abc import Callable, Collection, Mapping

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.quantizer import MOVING, Quantizer
from edgekit.converters.quantize.ranges import Range
from edgekit.converters.quantize.rules.computing import fixed_parameters

__all__ = ["end_where_readers_saturate"]

_FLAT_BEYOND = {
    "HARD_SWISH": Range(-3.0, math.inf),
    "RELU": Range(0.0, math.inf),
    "RELU6": Range(0.0, 6.0),
    "RELU_0_TO_1": Range(0.0, 1.0),
    "RELU_N1_TO_1": Range(-1.0, 1.0),
}
_INVERSES: dict[str, tuple[float, Callable[[float], float]]] = {
    "LOGISTIC": (0.0, lambda share: math.log(share / (1.0 - share))),
    "TANH": (-1.0, math.atanh),
}
"""The least result of functions with a fixed grid, and what gives a result."""

_SHARING = MOVING | {"CONCATENATION"}


def end_where_readers_saturate(
    builder: GraphBuilder,
    quantizer: Quantizer,
    kept: Collection[Node],
    tabled: Collection[Value],
) -> None:
    """Give computed values the ranges that their readers need, within what was observed.

    The last operators come first, so that what a value needs is known to those before it.
    Operators that only move values need of their inputs what their results need. A value that
    is nothing but a part of a CONCATENATION takes the range of the whole, which is its grid in
    the end: a grid of its own would only add a rounding.

    Args:
        builder: The graph, still in float.
        quantizer: Knows the ranges, and takes the new ones.
        kept: Nodes that stay in float; they tell all values apart.
        tabled: Values of which a whole formula becomes a table: its first step does not round.
    """
    consumers, producers = builder.consumers(), builder.producers()
    given = {*builder.inputs, *builder.outputs}
    needs = _Needs(quantizer, producers)
    for node in reversed(builder.nodes):
        for value in node.outputs:
            readers = consumers.get(value, [])
            if value in given or value.dtype is not DataType.FLOAT32 or not readers:
                continue
            if any(reader in kept for reader in readers):
                continue
            rounded = [reader for reader in readers if reader.kind in _INVERSES]
            if not (rounded and value in tabled):
                needs.settle(value, readers)
    quantizer.turn_to(None)


class _Needs:
    """Where the readers of values tell them apart, found from the last value on."""

    def __init__(self, quantizer: Quantizer, producers: Mapping[Value, Node]) -> None:
        self._quantizer = quantizer
        self._producers = producers
        self._limits: dict[Value, Range] = {}
        self._joined: set[Value] = set()

    def settle(self, value: Value, readers: list[Node]) -> None:
        """Give a value the range that its readers need together."""
        known = [self._of(reader, value) for reader in readers]
        limits = [item for item in known if item is not None]
        if len(limits) == len(readers):
            self._limits[value] = limit = _together(limits)
            seen = self._quantizer.range_of(value)
            self._assume(value, _within(seen, limit))
        if len(readers) == 1 and self._joins(readers[0]):
            self._joined.add(value)
            self._assume(value, self._quantizer.range_of(readers[0].outputs[0]))

    def _assume(self, value: Value, wanted: Range) -> None:
        self._quantizer.assume(value, wanted.low, wanted.high)

    def _joins(self, reader: Node) -> bool:
        """Whether what a node reads becomes a part of a join as it is."""
        result = reader.outputs[0]
        seen = self._quantizer.range_of(result)
        moved = reader.kind in MOVING and result in self._joined and len(reader.outputs) == 1
        return (moved or reader.kind == "CONCATENATION") and seen.low < seen.high

    def _of(self, reader: Node, value: Value) -> Range | None:
        """Return where a reader tells values apart; None for everywhere."""
        if reader.kind in _FLAT_BEYOND:
            return _FLAT_BEYOND[reader.kind]
        if reader.kind in _SHARING:
            limits = [self._limits[item] for item in reader.outputs if item in self._limits]
            return _together(limits) if len(limits) == len(reader.outputs) else None
        if reader.kind in _INVERSES:
            return _changing(self._quantizer, reader)
        gate = _own_gate(reader, value, self._producers)
        return Range(_changing(self._quantizer, gate).low, math.inf) if gate else None


def _own_gate(reader: Node, value: Value, producers: Mapping[Value, Node]) -> Node | None:
    """Return the LOGISTIC of a SiLU, ``x * sigmoid(x)``: where that is zero, so is the product."""
    makers = [producers.get(item) for item in reader.reads()] if reader.kind == "MUL" else []
    for maker in makers:
        if maker is not None and maker.kind == "LOGISTIC" and maker.inputs[0] is value:
            return maker
    return None


def _changing(quantizer: Quantizer, reader: Node) -> Range:
    """Return what a function maps to the middle between its last two integers, at both ends."""
    quantizer.turn_to(reader)
    grid = fixed_parameters(quantizer, reader)
    assert grid is not None
    (scale,), (point,) = grid.scales, grid.zero_points
    least, inverse = _INVERSES[reader.kind]
    bottom, top = least / scale + 0.5, quantizer.activations.limits[1] - point - 0.5
    return Range(inverse(bottom * scale), inverse(top * scale))


def _together(limits: list[Range]) -> Range:
    return Range(min(item.low for item in limits), max(item.high for item in limits))


def _within(seen: Range, limits: Range) -> Range:
    low, high = np.clip((seen.low, seen.high), limits.low, limits.high)
    return Range(float(low), float(high))
