"""Known factors and terms per channel go into the weights and the bias before them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.interface import rearranged
from edgekit.converters.lowering.passes.matching import Matcher, activation_of, constant_operand

__all__ = ["fold_scales"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an operator has its weights, their output channels and its bias."""

    weights: int
    axis: int
    bias: int


_PLACES = {
    "CONV_2D": _Place(1, 0, 2),
    "DEPTHWISE_CONV_2D": _Place(1, 3, 2),
    "FULLY_CONNECTED": _Place(1, 0, 2),
    "TRANSPOSE_CONV": _Place(1, 0, 3),
}


def fold_scales(builder: GraphBuilder) -> bool:
    """Fold ADD, SUB, MUL and DIV by constants per channel into the operator before them.

    Requires that the operator has no activation and nobody else reads its output. Ensures the
    same values up to rounding; the products are computed in float64.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        affine = _affine(node)
        if affine is None:
            continue
        value, scale, shift = affine
        maker = matcher.private_maker(value, node, tuple(_PLACES))
        if maker is None or activation_of(maker) or not _has_known_weights(maker):
            continue
        if activation_of(node) and maker.kind == "TRANSPOSE_CONV":
            continue
        _apply(builder, maker, scale, shift)
        maker.outputs = node.outputs
        if activation_of(node):
            maker.options["fused_activation_function"] = activation_of(node)
        builder.nodes.remove(node)
        changed, matcher = True, Matcher(builder)
    return changed


def _affine(node: Node) -> tuple[Value, npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Return an operator's operand, and its scale and shift along the last axis."""
    operands = constant_operand(node) if node.kind in ("ADD", "SUB", "MUL", "DIV") else None
    if operands is None:
        return None
    value, constant, is_first = operands
    if constant.shape[:-1] != (1,) * len(constant.shape[:-1]) or not value.shape:
        return None
    numbers = np.asarray(constant.data, np.float64).reshape(-1)
    one, zero = np.ones(1), np.zeros(1)
    if node.kind == "ADD":
        return value, one, numbers
    if node.kind == "SUB":
        return (value, -one, numbers) if is_first else (value, one, -numbers)
    if node.kind == "MUL":
        return value, numbers, zero
    if is_first or np.any(numbers == 0.0):
        return None
    return value, 1.0 / numbers, zero


def _has_known_weights(node: Node) -> bool:
    place = _PLACES[node.kind]
    weights = node.inputs[place.weights]
    bias = node.inputs[place.bias] if len(node.inputs) > place.bias else None
    return weights is not None and weights.is_constant and (bias is None or bias.is_constant)


def _apply(
    builder: GraphBuilder, node: Node, scale: npt.NDArray[Any], shift: npt.NDArray[Any]
) -> None:
    place = _PLACES[node.kind]
    weights = node.inputs[place.weights]
    assert weights is not None
    assert weights.data is not None
    if np.any(scale != 1.0):
        shape = [1] * weights.data.ndim
        shape[place.axis] = -1
        scaled = weights.data.astype(np.float64) * scale.reshape(shape)
        folded = scaled.astype(np.float32)
        node.inputs[place.weights] = builder.constant(
            folded, weights.name, rearranged(weights.link)
        )
    node.inputs.extend([None] * (place.bias + 1 - len(node.inputs)))
    bias = node.inputs[place.bias]
    count = weights.shape[place.axis]
    old = np.zeros(count) if bias is None or bias.data is None else bias.data.astype(np.float64)
    new = np.broadcast_to(old * scale + shift, (count,)).astype(np.float32)
    if bias is not None or np.any(new):
        name = bias.name if bias is not None else f"{weights.name}/bias"
        node.inputs[place.bias] = builder.constant(
            new, name, rearranged(bias.link if bias else None)
        )
