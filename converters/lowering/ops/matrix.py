"""Gemm and MatMul: FULLY_CONNECTED where a side is known, BATCH_MATMUL otherwise."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.broadcasting import align
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.matrix import batch_matmul, fully_connected
from edgekit.converters.lowering.orders import order_ending_with
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("MatMul")
def matmul(context: Lowering, node: SourceNode) -> None:
    """Lower a product of matrices, vectors, or stacks of matrices."""
    left, right = node.inputs[:2]
    require_kernel(node, "BATCH_MATMUL", context.dtype(left))
    weights = context.constant(right)
    if weights is not None and weights.ndim == 2 and context.rank(left) >= 1:
        axes = order_ending_with(context, left, context.rank(left) - 1)
        value = context.get(left, axes)
        result = fully_connected(context, value, _float(weights.T), None, right)
        context.set(node.outputs[0], result, axes)
        return
    weights = context.constant(left)
    if weights is not None and weights.ndim == 2 and context.rank(right) >= 2:
        _known_left(context, node, weights)
        return
    first, adj_x = _matrices(context, left)
    second, adj_y = _matrices(context, right, is_right=True)
    result = batch_matmul(context, first, second, adj_x=adj_x, adj_y=adj_y)
    name = node.outputs[0]
    context.set(name, context.reshape(result, context.shape(name)))


def _known_left(context: Lowering, node: SourceNode, weights: npt.NDArray[np.generic]) -> None:
    """Lower ``W @ x`` as ``x`` transposed by ``W``, which leaves the result transposed."""
    left, right = node.inputs[:2]
    rank = context.rank(right)
    axes = order_ending_with(context, right, rank - 2)
    result = fully_connected(context, context.get(right, axes), _float(weights), None, left)
    context.set(node.outputs[0], result, axes)


def _matrices(context: Lowering, name: str, *, is_right: bool = False) -> tuple[Value, bool]:
    """Return a tensor as matrices, and whether they lie transposed.

    A vector is a row on the left and a column on the right. What exists only in another order
    is moved to the one that keeps its innermost axis.
    """
    rank = context.rank(name)
    if rank == 1:
        size = context.shape(name)[0]
        return context.reshape(context.get(name), (size, 1) if is_right else (1, size)), False
    swapped = (*range(rank - 2), rank - 1, rank - 2)
    if context.constant(name) is None and context.axes(name)[-1] == rank - 2:
        return context.get(name, swapped), True
    return context.get(name), False


@lowers("Gemm")
def gemm(context: Lowering, node: SourceNode) -> None:
    """Lower ``alpha * A' @ B' + beta * C``; known factors go into the weights and the bias."""
    left, right = node.inputs[:2]
    require_kernel(node, "FULLY_CONNECTED", context.dtype(left))
    value = context.get(left, (1, 0) if node.integer("transA", 0) else (0, 1))
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    trans_b = bool(node.integer("transB", 0))
    known = context.constant(right)
    name = node.outputs[0]
    columns = context.shape(name)[1]
    addend = context.constant(node.inputs[2]) if node.has(2) else None
    bias = None
    if known is not None:
        if addend is not None and addend.size in (1, columns) and addend.shape[:-1] in ((), (1,)):
            bias = _float(np.broadcast_to(addend.reshape(-1) * beta, (columns,)))
        weights = _float((known if trans_b else known.T) * alpha)
        addend_name = node.inputs[2] if bias is not None else ""
        result = fully_connected(context, value, weights, bias, right, bias_source=addend_name)
    else:
        second = context.get(right, (1, 0) if trans_b else (0, 1))
        result = batch_matmul(context, value, second)
        if alpha != 1.0:
            result = (Formula(context, result) * alpha).value
    if node.has(2) and bias is None and beta != 0.0:
        term = Formula(context, align(context, node.inputs[2], (0, 1)))
        result = (Formula(context, result) + (term if beta == 1.0 else term * beta)).value
    context.set(name, result)


def _float(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
