"""Operators over the elements of one tensor that TFLite has, or nearly has."""

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import LARGEST, Formula, copied, over_elements
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_KINDS = {
    "Ceil": "CEIL",
    "Cos": "COS",
    "Exp": "EXP",
    "Floor": "FLOOR",
    "HardSwish": "HARD_SWISH",
    "Log": "LOG",
    "Neg": "NEG",
    "Not": "LOGICAL_NOT",
    "Round": "ROUND",  # both round halves to even
    "Sigmoid": "LOGISTIC",
    "Sin": "SIN",
    "Sqrt": "SQRT",
    "Tanh": "TANH",
}


@lowers(*_KINDS)
def unary(context: Lowering, node: SourceNode) -> None:
    """Lower an operator that keeps shape and axes."""
    over_elements(context, node, lambda x: x.unary(_KINDS[node.kind]))


@lowers("Abs", "Sign")
def magnitude(context: Lowering, node: SourceNode) -> None:
    """Lower a magnitude or a sign; those of integers are the larger and the nearest of two."""

    def formula(x: Formula) -> Formula:
        if x.value.dtype.is_float:
            return x.unary(node.kind.upper())
        if node.kind == "Abs":
            return x.binary("MAXIMUM", x.unary("NEG"))
        return x.binary("MAXIMUM", -1).binary("MINIMUM", 1)

    over_elements(context, node, formula)


@lowers("IsNaN")
def is_nan(context: Lowering, node: SourceNode) -> None:
    """Lower a test for NaN, the only number that differs from itself."""
    over_elements(context, node, lambda x: x.binary("NOT_EQUAL", x))


@lowers("IsInf")
def is_infinite(context: Lowering, node: SourceNode) -> None:
    """Lower a test for infinity of either sign or of one.

    TFLite's kernels saturate, so that what reaches the largest float counts as infinite.
    """
    positive = node.integer("detect_positive", 1)
    negative = node.integer("detect_negative", 1)

    def formula(x: Formula) -> Formula:
        if positive and negative:
            return x.unary("ABS").binary("GREATER_EQUAL", LARGEST)
        if positive:
            return x.binary("GREATER_EQUAL", LARGEST)
        if negative:
            return x.binary("LESS_EQUAL", -LARGEST)
        return x.binary("GREATER", np.inf)

    over_elements(context, node, formula)


@lowers("Identity")
def identity(context: Lowering, node: SourceNode) -> None:
    """Pass a tensor on."""
    axes = context.axes(node.inputs[0])
    value = context.get(node.inputs[0], axes)
    context.set(node.outputs[0], copied(context, value), axes)


@lowers("Dropout")
def dropout(context: Lowering, node: SourceNode) -> None:
    """Refuse: outside of training it is gone before."""
    del context
    raise RefusedError(
        node,
        "it is in training mode, or gives a mask before opset 12",
        hint="call model.eval() before export",
    )
