"""Numbers that lead to places: where no integer grid tells the places apart, they stay in float.

An int8 grid counts 256 places. A position on a larger picture, or a row of a longer table, would
be rounded to a neighbouring one, and nothing would say so. What is too fine for the grid is
computed in float instead, a float island that the contract names; an input of the model that
is too fine is refused.
"""

import numpy as np

from edgekit.bundle.manifest import Io
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.errors import EdgekitError

__all__ = ["CoarseInputError", "settle_addresses"]

_COARSEST = 0.5  # step of what is rounded to a place
_NEGLIGIBLE = 1e-9
_MOVING = frozenset(
    "BROADCAST_TO CONCATENATION EXPAND_DIMS GATHER GATHER_ND PACK RESHAPE SLICE SPLIT SQUEEZE "
    "STRIDED_SLICE TILE TRANSPOSE UNPACK".split()
)
_COMPARING = frozenset("EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL NOT_EQUAL".split())
_COMPUTING = frozenset(
    "ABS ADD CEIL DIV FLOOR FLOOR_DIV FLOOR_MOD MAXIMUM MINIMUM MUL NEG RELU ROUND SELECT_V2 "
    "SUB".split()
)
_ROUNDING = frozenset(["CEIL", "FLOOR", "FLOOR_DIV", "ROUND"])
_INTEGERS = (DataType.INT32, DataType.INT64, DataType.INT16, DataType.INT8, DataType.UINT8)


class CoarseInputError(EdgekitError):
    """An input of the model that leads to more places than its integers can tell apart."""

    def __init__(self, name: str, step: float, needed: float, reader: str) -> None:
        super().__init__(
            f"input '{name}' leads to places (at {reader}), and its integers are {step:.3g} apart "
            f"where {needed:.3g} is needed",
            hint="give the places as an integer input, or pass --io float32 "
            "--allow-float-islands, which computes them in float",
        )


def settle_addresses(builder: GraphBuilder, quantizer: Quantizer, io: Io) -> set[Node]:
    """Return the nodes that have to stay in float so that places are not confused.

    Followed back are float values that are made whole numbers of (``CAST``), and whole numbers
    that are compared, through arithmetic and moves, with the step that each can bear: half a
    place, divided by what it is multiplied with. A value whose grid is coarser is computed and
    read in float. Inputs of the model of that kind stay in float at a float interface.

    Raises:
        CoarseInputError: Such an input has an integer interface.
    """
    needed = _needed_steps(builder, quantizer)
    coarse = {
        value for value, step in needed.items() if quantizer.observed(value).scales[0] > step
    } - {value for value in needed if quantizer.is_exact(value)}
    kept = [node for node in builder.nodes if _belongs(node, coarse)]
    for value in builder.inputs:
        if value not in coarse:
            continue
        if io is not Io.FLOAT32:
            reader = next(node for node in kept if value in node.reads())
            origin = reader.outputs[0].origin or reader.kind
            step = quantizer.observed(value).scales[0]
            raise CoarseInputError(value.name, step, needed[value], origin)
        quantizer.float_inputs.add(value)
    return set(kept)


def _needed_steps(builder: GraphBuilder, quantizer: Quantizer) -> dict[Value, float]:
    """Return the step that each value can bear that leads to a place."""
    needed: dict[Value, float] = {}
    for node in reversed(builder.nodes):
        if node.kind == "CAST" and node.outputs[0].dtype in _INTEGERS:
            _ask(needed, node.inputs[0], _COARSEST)
        elif node.kind in _COMPARING:
            for value in node.reads():
                if quantizer.is_whole(value):
                    _ask(needed, value, _COARSEST)
        elif node.kind in _MOVING | _COMPUTING:
            steps = [needed[value] for value in node.outputs if value in needed]
            if steps and node.kind in _ROUNDING:
                steps = [_COARSEST]
            for position, given in enumerate(node.inputs) if steps else ():
                _ask(needed, given, min(steps) / _gain(quantizer, node, position))
    return needed


def _ask(needed: dict[Value, float], value: Value | None, step: float) -> None:
    if value is not None and value.data is None and value.dtype is DataType.FLOAT32:
        needed[value] = min(step, needed.get(value, np.inf))


def _gain(quantizer: Quantizer, node: Node, position: int) -> float:
    """Return by how much a product or quotient enlarges the rounding of one of its inputs."""
    if node.kind not in ("MUL", "DIV"):
        return 1.0
    other = node.inputs[1 - position]
    assert other is not None
    if node.kind == "MUL":
        return _largest(quantizer, other)
    if position == 0:
        return 1.0 / _smallest(quantizer, other)
    divisor = node.inputs[1]
    assert divisor is not None
    return _largest(quantizer, node.outputs[0]) / _smallest(quantizer, divisor)


def _largest(quantizer: Quantizer, value: Value) -> float:
    seen = quantizer.range_of(value)
    return max(abs(seen.low), abs(seen.high), _NEGLIGIBLE)


def _smallest(quantizer: Quantizer, value: Value) -> float:
    if value.data is not None:
        return max(float(np.min(np.abs(value.data), initial=np.inf)), _NEGLIGIBLE)
    seen = quantizer.range_of(value)
    return max(min(abs(seen.low), abs(seen.high)), _NEGLIGIBLE)


def _belongs(node: Node, coarse: set[Value]) -> bool:
    """Tell whether a node makes a coarse value, or computes with one."""
    if coarse.intersection(node.outputs):
        return True
    computes = node.kind in _COMPUTING | _COMPARING | {"CAST"}
    return computes and bool(coarse.intersection(node.reads()))
