"""Operators as other converters write them, in the forms that the integer rules know."""

from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.passes.matching import activation_of

__all__ = ["rewrite_foreign"]

# Operator -> positions of weights and bias.
_BIASED = {
    "CONV_2D": (1, 2),
    "DEPTHWISE_CONV_2D": (1, 2),
    "FULLY_CONNECTED": (1, 2),
    "TRANSPOSE_CONV": (1, 3),
}


def rewrite_foreign(builder: GraphBuilder) -> None:
    """Rewrite what has another name, or more than one meaning, in edgekit's vocabulary.

    EMBEDDING_LOOKUP is a GATHER along the first axis, a SELECT of equal shapes a SELECT_V2,
    ADD_N a chain of ADD. A bias that is computed, or that goes with computed weights, is added
    by an ADD: no integer bias has a scale of its own. Ensures the same values up to rounding.
    """
    nodes: list[Node] = []
    for node in builder.nodes:
        nodes.extend(_rewritten(node))
    builder.nodes = nodes


def _rewritten(node: Node) -> Sequence[Node]:
    shapes = {value.shape for value in (*node.reads(), *node.outputs)}
    if node.kind == "EMBEDDING_LOOKUP":
        node.kind, node.inputs, node.version = "GATHER", node.inputs[::-1], 1
        node.options = {"axis": 0, "batch_dims": 0}
    elif node.kind == "SELECT" and len(shapes) == 1:
        node.kind, node.options, node.version = "SELECT_V2", {}, 1
    elif node.kind == "ADD_N":
        return _pairwise(node)
    elif node.kind in _BIASED:
        return _without_bias(node, *_BIASED[node.kind])
    return [node]


def _pairwise(node: Node) -> list[Node]:
    """Return the additions of a sum, the last of which writes its output."""
    (output,) = node.outputs
    total, *others = node.inputs
    nodes = []
    for number, value in enumerate(others, 2):
        name, last = f"{output.name}/{number}", number == len(node.inputs)
        result = output if last else Value(name, output.shape, output.dtype, origin=output.origin)
        nodes.append(Node("ADD", [total, value], [result], {"fused_activation_function": 0}))
        total = result
    return nodes or [node]


def _without_bias(node: Node, at_weights: int, at_bias: int) -> list[Node]:
    bias = node.inputs[at_bias] if len(node.inputs) > at_bias else None
    weights = node.inputs[at_weights]
    if bias is None or weights is None or (bias.is_constant and weights.is_constant):
        return [node]
    (output,) = node.outputs
    product = Value(f"{output.name}/product", output.shape, DataType.FLOAT32, origin=output.origin)
    options = {"fused_activation_function": activation_of(node)}
    # The kernels of convolutions take no absent bias.
    zeros = Value(f"{bias.name}/zero", bias.shape, bias.dtype, np.zeros(bias.shape, np.float32))
    node.inputs = [*node.inputs[:at_bias], *([zeros] if "CONV_2D" in node.kind else [])]
    node.outputs, node.options = [product], {**node.options, "fused_activation_function": 0}
    return [node, Node("ADD", [product, bias], [output], options)]
