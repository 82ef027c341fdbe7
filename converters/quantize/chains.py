"""Long formulas of one int8 tensor: one table instead of a rounding at every step.

What an error function, an inverse tangent or a Mish is lowered to has a single source and
numbers. With 256 possible inputs the whole of it is a look-up, exact up to one rounding.
Roundings to whole numbers end a formula: what else reads them has to see the same ones.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType

__all__ = ["Formula", "find_formulas"]

_LONG = 4  # operators: a look-up takes three
_NO_KERNEL = frozenset(["ATAN2"])  # not even a table of its own: two inputs; as has DIV
Floats = npt.NDArray[np.float64]
Formula = tuple[Value, Callable[[Floats], Floats]]
"""The tensor that a result depends on, and how."""

_erf = np.vectorize(math.erf, otypes=[np.float64])
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "ADD": np.add,
    "DIV": np.divide,
    "MUL": np.multiply,
    "SUB": np.subtract,
}
_PLAIN: dict[str, Callable[..., Any]] = {
    "ABS": np.abs,
    "ATAN2": np.arctan2,
    "COS": np.cos,
    "ELU": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "EXP": np.exp,
    "FLOOR_MOD": np.mod,
    "HARD_SWISH": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "LOG": np.log,
    "LOGISTIC": lambda x: 1 / (1 + np.exp(-x)),
    "MAXIMUM": np.maximum,
    "MINIMUM": np.minimum,
    "NEG": np.negative,
    "POW": np.power,
    "RELU": lambda x: np.maximum(x, 0),
    "RELU6": lambda x: np.clip(x, 0, 6),
    "RELU_0_TO_1": lambda x: np.clip(x, 0, 1),
    "RSQRT": lambda x: 1 / np.sqrt(x),
    "SIGN": np.sign,
    "SIN": np.sin,
    "SQRT": np.sqrt,
    "SQUARE": np.square,
    "SQUARED_DIFFERENCE": lambda x, y: np.square(x - y),
    "TANH": np.tanh,
}
# The schema's ActivationFunctionType.
_FUSED: dict[int, Callable[..., Any]] = {
    0: lambda x: x,
    1: _PLAIN["RELU"],
    2: lambda x: np.clip(x, -1, 1),
    3: _PLAIN["RELU6"],
}


def find_formulas(
    builder: GraphBuilder, grid_of: Callable[[Value], object | None] = lambda _: None
) -> dict[Node, Formula]:
    """Return the nodes with which long formulas of one float tensor end, and what they compute.

    A formula ends where a result is given out or read by something that is not part of it, and
    where training gave it a grid of its own.

    Args:
        builder: A float graph.
        grid_of: Tells the trained grid of a value, None where there is none.
    """
    sources: dict[Value, Value] = {}
    sizes: dict[Value, int] = {}
    for node in builder.nodes:
        ends = {value for value in node.reads() if grid_of(value) is not None}
        _extend(node, sources, sizes, ends)
    makers, consumers = builder.producers(), builder.consumers()
    steps = {value: _copied(node) for value, node in makers.items()}  # rules change nodes
    found: dict[Node, Formula] = {}
    for value, source in sources.items():
        readers = consumers.get(value, [])
        inner = readers and all(sources.get(item.outputs[0]) is source for item in readers)
        wanted = sizes[value] >= _LONG or _has_no_kernel(makers[value])
        if wanted and (value in builder.outputs or not inner):
            found[makers[value]] = (source, _function(value, source, steps))
    return found


def _has_no_kernel(node: Node) -> bool:
    divisor = node.inputs[-1]
    divides = node.kind == "DIV" and divisor is not None and divisor.data is None
    return divides or node.kind in _NO_KERNEL


def _extend(
    node: Node, sources: dict[Value, Value], sizes: dict[Value, int], ends: set[Value]
) -> None:
    """Note from which tensor alone a node computes, and in how many steps (at most)."""
    output = node.outputs[0]
    if not _is_known(node) or output.dtype is not DataType.FLOAT32:
        return
    computed = [value for value in node.reads() if value.data is None]
    numbers = [value.data for value in node.reads() if value.data is not None]
    inner = {value for value in computed if value not in ends}
    found = {sources.get(value, value) if value in inner else value for value in computed}
    if len(found) != 1 or any(data.size != 1 for data in numbers):
        return
    (source,) = found
    if source.shape == output.shape and source.dtype is DataType.FLOAT32:
        sources[output] = source
        sizes[output] = 1 + sum(sizes.get(value, 0) for value in inner)


def _copied(node: Node) -> Node:
    return Node(node.kind, list(node.inputs), node.outputs, dict(node.options))


def _is_known(node: Node) -> bool:
    fused = node.options.get("fused_activation_function", 0)
    known = node.kind in _PLAIN or node.kind in ("GELU", "LEAKY_RELU")
    return known or (node.kind in _ARITHMETIC and fused in _FUSED)


def _function(result: Value, source: Value, steps: dict[Value, Node]) -> Callable[[Floats], Floats]:
    def compute(given: Floats) -> Floats:
        known = {source: given}

        def value_of(value: Value) -> Floats:
            if value.data is not None:
                return np.asarray(value.data, np.float64).reshape(())
            if value not in known:
                node = steps[value]
                known[value] = _apply(node, [value_of(item) for item in node.reads()])
            return known[value]

        return value_of(result)

    return compute


def _apply(node: Node, inputs: list[Floats]) -> Floats:
    (first, *_), options = inputs, node.options
    result: Floats
    if node.kind == "GELU" and options.get("approximate"):
        result = 0.5 * first * (1 + np.tanh(math.sqrt(2 / math.pi) * (first + 0.044715 * first**3)))
    elif node.kind == "GELU":
        result = 0.5 * first * (1 + _erf(first / math.sqrt(2)))
    elif node.kind == "LEAKY_RELU":
        result = np.where(first > 0, first, first * options["alpha"])
    elif node.kind in _ARITHMETIC:
        fused = _FUSED[options.get("fused_activation_function", 0)]
        result = fused(_ARITHMETIC[node.kind](*inputs))
    else:
        result = _PLAIN[node.kind](*inputs)
    return result
