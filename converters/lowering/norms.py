"""The two halves of a p-norm: powers of magnitudes, and the root of their sum."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering

__all__ = ["power", "root"]


def power(context: Lowering, value: Value, order: int) -> Value:
    """Return ``|value| ** order``; as a product where integer kernels can do it."""
    if order == 2:
        return context.emit("MUL", [value, value], value.shape)
    magnitudes = context.emit("ABS", [value], value.shape)
    return magnitudes if order == 1 else _raised(context, magnitudes, order)


def root(context: Lowering, value: Value, order: int) -> Value:
    """Return ``value ** (1 / order)`` of what is not negative."""
    if order == 1:
        return value
    if order == 2:
        return context.emit("SQRT", [value], value.shape)
    return _raised(context, value, 1 / order)


def _raised(context: Lowering, value: Value, exponent: float) -> Value:
    number = context.builder.constant(np.array(exponent, np.float32), "exponent")
    return context.emit("POW", [value, number], value.shape)
