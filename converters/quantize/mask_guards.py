"""What asks whether everything is hidden: guards around a softmax, comparisons with infinity."""

from collections.abc import Collection, Mapping

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.parameters import SENTINEL
from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["BELOW", "settle_guards", "settle_limits"]

BELOW = 8.0
"""How far a masked score lies below the lowest that is not.

e^-8 is less than a tenth of a step of an int8 softmax.
"""

_COMPARING = {
    "EQUAL": "LESS",
    "NOT_EQUAL": "GREATER_EQUAL",
    "LESS": "LESS",
    "LESS_EQUAL": "LESS",
    "GREATER": "GREATER_EQUAL",
    "GREATER_EQUAL": "GREATER_EQUAL",
}
"""Comparison with minus infinity -> the one with a border above what is hidden."""


def settle_guards(
    quantizer: Quantizer, masked: Mapping[Value, float], closable: Collection[Value]
) -> None:
    """Take the comparison of a softmax with itself away, or ask whether its row is all hidden.

    Args:
        quantizer: Of the graph.
        masked: Scores with hidden places -> the lowest number that is none of those.
        closable: Masked scores of which whole rows may be hidden.
    """
    makers = quantizer.builder.producers()
    settled: list[Node] = []
    for node in quantizer.builder.nodes:
        scores = _guarded_scores(node, makers)
        if scores is not None and scores not in closable:
            quantizer.builder.replace(node.outputs[0], _there(node.inputs[-1]))
            continue
        if scores is not None:
            largest = Value(f"{scores.name}/largest", (*scores.shape[:-1], 1), scores.dtype)
            hidden = Value(f"{scores.name}/hidden", largest.shape, DataType.BOOL)
            seen = quantizer.range_of(scores)
            quantizer.assume(largest, seen.low, seen.high)
            axes = quantizer.builder.integers([len(scores.shape) - 1], "axes")
            limit = np.array([masked[scores] - BELOW / 2], np.float32)
            border = quantizer.builder.constant(limit, "border")
            settled.append(Node("REDUCE_MAX", [scores, axes], [largest], {"keep_dims": True}))
            settled.append(Node("LESS", [largest, border], [hidden]))
            node.inputs[0] = hidden
        settled.append(node)
    quantizer.builder.nodes = settled
    quantizer.builder.remove_dead()


def _guarded_scores(node: Node, makers: dict[Value, Node]) -> Value | None:
    """Return the scores of ``where(softmax != softmax, 0, softmax)``, None for what is not that."""
    if node.kind != "SELECT_V2" or None in node.inputs:
        return None
    condition, zero, weights = (_there(value) for value in node.inputs)
    comparison, softmax = makers.get(condition), makers.get(weights)
    if comparison is None or softmax is None or softmax.kind != "SOFTMAX":
        return None
    if comparison.kind != "NOT_EQUAL" or any(item is not weights for item in comparison.inputs):
        return None
    return softmax.inputs[0] if zero.data is not None and not np.any(zero.data) else None


def settle_limits(
    quantizer: Quantizer, masks: Mapping[Value, float], masked: Mapping[Value, float]
) -> None:
    """Hold masks and masked scores against a border between what hides and what does not.

    Args:
        quantizer: Of the graph.
        masks: Values that hide where they are added -> the lowest of their other numbers.
        masked: Scores with hidden places -> the lowest number that is none of those.
    """
    for node in quantizer.builder.nodes:
        output = node.outputs[0]
        if node.kind == "REDUCE_MAX" and (output in masks or output in masked):
            seen = quantizer.range_of(_there(node.inputs[0]))
            quantizer.assume(output, seen.low, seen.high)
        if node.kind not in _COMPARING or len(node.inputs) != 2:
            continue
        value, limit = _there(node.inputs[0]), _there(node.inputs[1])
        lowest = masks.get(value, masked.get(value))
        if lowest is None or limit.data is None or not np.all(limit.data <= -SENTINEL):
            continue
        hiding = min(quantizer.range_of(value).low, lowest - BELOW / 2)
        border = np.full(limit.shape, (hiding + lowest) / 2, np.float32)
        node.kind = _COMPARING[node.kind]
        node.inputs[1] = quantizer.builder.constant(border, "border")


def _there(value: Value | None) -> Value:
    assert value is not None
    return value
