"""Arithmetic on values, written as formulas: each operation emits a TFLite operator."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.kernels import NARROW, require_kernel
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["LARGEST", "Formula", "copied", "over_elements"]

LARGEST = float(np.finfo(np.float32).max)
"""Where TFLite's arithmetic saturates instead of becoming infinite."""

_COMPARISONS = frozenset("EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL".split())


class Formula:
    """A value that computes: ``x * (x + 3.0).unary("RELU6")`` appends ADD, RELU6 and MUL.

    Operands broadcast as in NumPy; numbers become constants of the value's type.

    Args:
        context: The lowering.
        value: What to compute with.
    """

    def __init__(self, context: Lowering, value: Value) -> None:
        self.context = context
        self.value = value

    def unary(self, kind: str, **options: Any) -> Self:
        """Apply an operator over the elements of one tensor."""
        self._require(kind)
        return self._of(self.context.emit(kind, [self.value], self.value.shape, **options))

    def binary(self, kind: str, other: "Formula | float", **options: Any) -> Self:
        """Apply an operator over the elements of two tensors."""
        self._require(kind)
        second = self.operand(other).value
        shape = np.broadcast_shapes(self.value.shape, second.shape)
        dtype = DataType.BOOL if kind in _COMPARISONS else self.value.dtype
        inputs = [self.value, second]
        return self._of(self.context.emit(kind, inputs, shape, dtype=dtype, **options))

    def reduce(self, kind: str, axes: Sequence[int], *, keep: bool = True) -> Self:
        """Reduce positions of axes, which stay with size 1 if ``keep``."""
        self._require(kind)
        positions = sorted(axis % len(self.value.shape) for axis in axes)
        sizes = enumerate(self.value.shape)
        shape = [
            1 if axis in positions else n for axis, n in sizes if keep or axis not in positions
        ]
        reduced = self.context.builder.integers(positions, "axes")
        return self._of(self.context.emit(kind, [self.value, reduced], shape, keep_dims=keep))

    def where(self, yes: "Formula", no: "Formula | float") -> Self:
        """Choose between two by this condition."""
        require_kernel(self.context.node, "SELECT_V2", yes.value.dtype, moves=True)
        inputs = [self.value, yes.value, yes.operand(no).value]
        shape = np.broadcast_shapes(*(item.shape for item in inputs))
        return self._of(self.context.emit("SELECT_V2", inputs, shape, dtype=yes.value.dtype))

    def cast(self, dtype: DataType) -> Self:
        """Convert to another type."""
        if dtype is self.value.dtype:
            return self
        return self._of(self.context.emit("CAST", [self.value], self.value.shape, dtype=dtype))

    def reshape(self, shape: Sequence[int]) -> Self:
        """Return the same elements in another shape."""
        return self._of(self.context.reshape(self.value, shape))

    def operand(self, other: "Formula | float") -> Self:
        """Return an operand as a formula, a number as a constant of this value's type."""
        if isinstance(other, Formula):
            return self._of(other.value)
        name = self.value.dtype.numpy
        shape = (1,) if self.value.shape else ()
        data = np.full(shape, other, name)
        return self._of(self.context.builder.constant(data, "number"))

    def __add__(self, other: "Formula | float") -> Self:
        return self.binary("ADD", other)

    def __sub__(self, other: "Formula | float") -> Self:
        return self.binary("SUB", other)

    def __mul__(self, other: "Formula | float") -> Self:
        return self.binary("MUL", other)

    def __truediv__(self, other: "Formula | float") -> Self:
        return self.binary("DIV", other)

    def __radd__(self, other: float) -> Self:
        return self.binary("ADD", other)

    def __rsub__(self, other: float) -> Self:
        return self.operand(other).binary("SUB", self)

    def __rmul__(self, other: float) -> Self:
        return self.binary("MUL", other)

    def __rtruediv__(self, other: float) -> Self:
        return self.operand(other).binary("DIV", self)

    def _of(self, value: Value) -> Self:
        return type(self)(self.context, value)

    def _require(self, kind: str) -> None:
        require_kernel(self.context.node, kind, self.value.dtype)


def over_elements(
    context: Lowering, node: SourceNode, formula: Callable[[Formula], Formula]
) -> None:
    """Lower a node with one input by a formula over its elements, in whatever order they are.

    Narrow integers are computed as int32 and cast back, which wraps as the source does.
    """
    name = node.inputs[0]
    axes = context.axes(name)
    given = Formula(context, context.get(name, axes))
    dtype = given.value.dtype
    result = formula(given.cast(DataType.INT32) if dtype in NARROW else given)
    if result.value.dtype is not DataType.BOOL:
        result = result.cast(dtype)
    if result.value is given.value:
        result = Formula(context, copied(context, given.value))
    context.set(node.outputs[0], result.value, axes)


def copied(context: Lowering, value: Value) -> Value:
    """Return a value of its own with the same elements; a pass removes what is not needed."""
    target = context.builder.integers(value.shape, "shape")
    return context.emit("RESHAPE", [value, target], value.shape, new_shape=value.shape)
