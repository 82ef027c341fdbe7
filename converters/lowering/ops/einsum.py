"""Einsum: products of matrices, products of elements and sums, in the order that costs least."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.einsum_equation import Labels, parse_equation
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.matrix import batch_matmul, fully_connected
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@dataclass(frozen=True, slots=True)
class _Operand:
    """A tensor with named axes.

    Attributes:
        labels: In the order in which it exists.
        value: In that order.
    """

    labels: Labels
    value: Value

    def sizes(self) -> dict[str, int]:
        """Return the size of each axis."""
        return dict(zip(self.labels, self.value.shape, strict=True))

    def ordered(self, context: Lowering, labels: Labels) -> Value:
        """Return the tensor with its axes in another order."""
        return context.transpose(self.value, tuple(self.labels.index(item) for item in labels))

    def without(self, context: Lowering, labels: Iterable[str], *, add: bool) -> "_Operand":
        """Remove axes: sum over them, or drop them where they have size 1."""
        gone = set(labels)
        positions = [index for index, item in enumerate(self.labels) if item in gone]
        left = tuple(item for item in self.labels if item not in gone)
        if not positions:
            return self
        if add:
            total = Formula(context, self.value).reduce("SUM", positions, keep=False)
            return _Operand(left, total.value)
        sizes = self.sizes()
        return _Operand(left, context.reshape(self.value, [sizes[item] for item in left]))


@lowers("Einsum")
def einsum(context: Lowering, node: SourceNode) -> None:
    """Lower an equation, two operands at a time."""
    ranks = [context.rank(name) for name in node.inputs]
    operands, wanted = parse_equation(node.text("equation", ""), ranks)
    if any(len(set(labels)) != len(labels) for labels in (*operands, wanted)):
        raise RefusedError(
            node,
            "a label is repeated within one operand, which takes a diagonal",
            hint="take the diagonal before it, for example with Gather",
        )
    require_kernel(node, "BATCH_MATMUL", context.dtype(node.inputs[0]))
    terms = []
    for name, labels in zip(node.inputs, operands, strict=True):
        axes = context.axes(name)
        terms.append(_Operand(tuple(labels[axis] for axis in axes), context.get(name, axes)))
    needed = [
        {*wanted, *(item for labels in operands[index + 1 :] for item in labels)}
        for index in range(len(operands))
    ]
    first = terms[0].without(context, set(terms[0].labels) - needed[0], add=True)
    steps = zip(terms[1:], needed[1:], strict=True)
    result = reduce(lambda done, step: _product(context, done, *step), steps, first)
    axes = tuple(wanted.index(item) for item in result.labels)
    context.set(node.outputs[0], result.value, axes)


def _product(context: Lowering, first: _Operand, second: _Operand, needed: set[str]) -> _Operand:
    """Multiply two operands and sum over what nobody needs."""
    first, second = _without_units(context, first, second), _without_units(context, second, first)
    shared = [item for item in first.labels if item in second.labels]
    alone = [set(x.labels) - set(shared) - needed for x in (first, second)]
    first = first.without(context, alone[0], add=True)
    second = second.without(context, alone[1], add=True)
    summed = tuple(item for item in shared if item not in needed)
    batch = tuple(item for item in shared if item in needed)
    rows = tuple(item for item in first.labels if item not in shared)
    columns = tuple(item for item in second.labels if item not in shared)
    if not summed:
        return _elementwise(context, first, second, (*batch, *rows, *columns))
    if not batch and second.value.data is not None:
        return _known(context, first, second, (rows, summed, columns))
    if not batch and first.value.data is not None:
        return _known(context, second, first, (columns, summed, rows))
    sizes = {**first.sizes(), **second.sizes()}
    value = batch_matmul(
        context,
        _merged(context, first, batch, (rows, summed)),
        _merged(context, second, batch, (columns, summed)),
        adj_y=True,
    )
    labels = (*batch, *rows, *columns)
    return _Operand(labels, context.reshape(value, [sizes[item] for item in labels]))


def _without_units(context: Lowering, operand: _Operand, other: _Operand) -> _Operand:
    """Drop axes of size 1 that the other operand has larger, so that they broadcast."""
    sizes = other.sizes()
    units = [item for item, size in operand.sizes().items() if size == 1 < sizes.get(item, 1)]
    return operand.without(context, units, add=False)


def _elementwise(context: Lowering, first: _Operand, second: _Operand, labels: Labels) -> _Operand:
    """Multiply without summing."""
    factors = []
    for operand in (first, second):
        present = tuple(item for item in labels if item in operand.labels)
        sizes = operand.sizes()
        value = operand.ordered(context, present)
        shape = [sizes.get(item, 1) for item in labels]
        factors.append(Formula(context, context.reshape(value, shape)))
    return _Operand(labels, (factors[0] * factors[1]).value)


def _known(
    context: Lowering,
    operand: _Operand,
    weights: _Operand,
    labels: tuple[Labels, Labels, Labels],
) -> _Operand:
    """Multiply with known numbers: rows that stay, what is summed, and columns of the weights."""
    rows, summed, columns = labels
    sizes = {**operand.sizes(), **weights.sizes()}
    value = operand.ordered(context, (*rows, *summed))
    inner = math.prod(sizes[item] for item in summed)
    data: npt.NDArray[Any] | None = weights.ordered(context, (*columns, *summed)).data
    matrix = np.ascontiguousarray(np.asarray(data).reshape(-1, inner), np.float32)
    value = context.reshape(value, (*(sizes[item] for item in rows), inner))
    result = fully_connected(context, value, matrix, None, weights.value.name)
    left = (*rows, *columns)
    return _Operand(left, context.reshape(result, [sizes[item] for item in left]))


def _merged(
    context: Lowering, operand: _Operand, batch: Labels, groups: tuple[Labels, Labels]
) -> Value:
    """Return an operand as a stack of matrices, whose two axes are groups of its own."""
    sizes = operand.sizes()
    value = operand.ordered(context, (*batch, *groups[0], *groups[1]))
    matrix = [math.prod(sizes[item] for item in group) for group in groups]
    return context.reshape(value, (*(sizes[item] for item in batch), *matrix))
