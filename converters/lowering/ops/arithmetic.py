"""Operators over the elements of two or more tensors: arithmetic, comparison, logic."""

from functools import reduce

import numpy as np

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.broadcasting import align, common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.formula import LARGEST, Formula, copied
from edgekit.converters.lowering.kernels import NARROW
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_KINDS = {
    "Add": "ADD",
    "Sub": "SUB",
    "Mul": "MUL",
    "Div": "DIV",  # of integers: both truncate
    "Max": "MAXIMUM",
    "Min": "MINIMUM",
    "Sum": "ADD",
    "Mean": "ADD",
    "Greater": "GREATER",
    "GreaterOrEqual": "GREATER_EQUAL",
    "Less": "LESS",
    "LessOrEqual": "LESS_EQUAL",
    "And": "LOGICAL_AND",
    "Or": "LOGICAL_OR",
    "Xor": "NOT_EQUAL",
}


@lowers("Equal")
def equal(context: Lowering, node: SourceNode) -> None:
    """Lower a comparison; TFLite's kernels saturate, so the largest float counts as infinity."""
    for name, other in (node.inputs, node.inputs[::-1]):
        limit = context.constant(other)
        if limit is not None and limit.size == 1 and np.isinf(limit.astype(np.float64)).all():
            axes = common_axes(context, node.inputs, context.rank(node.outputs[0]))
            x = Formula(context, align(context, name, axes))
            above = limit.reshape(-1)[0] > 0
            kind = "GREATER_EQUAL" if above else "LESS_EQUAL"
            result = x.binary(kind, LARGEST if above else -LARGEST)
            if result.value.shape == tuple(context.shape(node.outputs[0])[axis] for axis in axes):
                context.set(node.outputs[0], result.value, axes)
                return
    elementwise(context, node)


@lowers(*_KINDS)
def elementwise(context: Lowering, node: SourceNode) -> None:
    """Lower a chain of one binary operator; one input alone is the result itself.

    Narrow integers are computed as int32 and cast back, which wraps as the source does.
    """
    axes = common_axes(context, node.inputs, context.rank(node.outputs[0]))
    terms = [Formula(context, align(context, name, axes)) for name in node.inputs]
    dtype = terms[0].value.dtype
    if dtype in NARROW:
        terms = [term.cast(DataType.INT32) for term in terms]
    kind = _KINDS.get(node.kind, "EQUAL")
    result = reduce(lambda first, second: first.binary(kind, second), terms)
    if node.kind == "Mean" and len(terms) > 1:
        result *= 1.0 / len(terms)
    if result.value.dtype is not DataType.BOOL:
        result = result.cast(dtype)
    value = copied(context, result.value) if len(terms) == 1 else result.value
    # Constants come without their leading axes of size 1.
    shape = [context.shape(node.outputs[0])[axis] for axis in axes]
    context.set(node.outputs[0], context.reshape(value, shape), axes)
