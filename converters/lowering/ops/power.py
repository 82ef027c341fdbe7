"""Pow, Reciprocal and Mod, by operators with integer kernels where the exponent allows it."""

from collections.abc import Callable

import numpy as np

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.broadcasting import align, common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula, over_elements
from edgekit.converters.lowering.kernels import NARROW
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_BY_EXPONENT: dict[float, Callable[[Formula], Formula]] = {
    -2.0: lambda x: 1.0 / (x * x),
    -1.0: lambda x: 1.0 / x,
    -0.5: lambda x: x.unary("RSQRT"),
    0.5: lambda x: x.unary("SQRT"),
    1.0: lambda x: x,
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    4.0: lambda x: _square(_square(x)),
}


def _square(x: Formula) -> Formula:
    return x * x


@lowers("Pow")
def power(context: Lowering, node: SourceNode) -> None:
    """Lower a power; exponents that are one known number become what they stand for."""
    base, given = node.inputs[:2]
    exponent = context.constant(given)
    name = node.outputs[0]
    is_float = context.dtype(base).is_float
    if exponent is not None and exponent.size == 1 and context.shape(name) == context.shape(base):
        number = float(exponent.reshape(()))
        if number in _BY_EXPONENT and (is_float or number in (1, 2, 3, 4)):
            over_elements(context, node, _BY_EXPONENT[number])
            return
    if context.dtype(base) in NARROW:
        raise RefusedError(node, "it raises narrow integers", hint="cast them to int32 before it")
    axes = common_axes(context, node.inputs, context.rank(name))
    first, second = (Formula(context, align(context, item, axes)) for item in node.inputs)
    if is_float:
        second = second.cast(first.value.dtype)
    else:
        _require_natural(context, node, exponent)
        data = np.asarray(exponent).astype(first.value.dtype.numpy)
        second = Formula(context, context.builder.constant(data, given))
    context.set(name, first.binary("POW", second).value, axes)


def _require_natural(context: Lowering, node: SourceNode, exponent: object) -> None:
    values = np.asarray(exponent)
    if exponent is None or np.any(values < 0) or np.any(values != np.round(values)):
        raise RefusedError(
            node,
            "it raises integers to exponents that are not known whole numbers",
            hint="cast the base to float32 before it",
        )
    if context.rank(node.inputs[0]) and values.ndim > 1:
        raise RefusedError(node, "it raises integers to a matrix of exponents")


@lowers("Reciprocal")
def reciprocal(context: Lowering, node: SourceNode) -> None:
    """Lower ``1 / x``."""
    over_elements(context, node, lambda x: 1.0 / x)


@lowers("Mod")
def modulo(context: Lowering, node: SourceNode) -> None:
    """Lower a remainder, with the sign of the divisor or, for ``fmod``, of the dividend.

    FLOOR_MOD follows the divisor; of magnitudes it is what ``fmod`` is but for the sign.
    """
    axes = common_axes(context, node.inputs, context.rank(node.outputs[0]))
    first, second = (Formula(context, align(context, name, axes)) for name in node.inputs)
    dtype = first.value.dtype
    if dtype in NARROW:
        first, second = first.cast(DataType.INT32), second.cast(DataType.INT32)
    if node.integer("fmod", 0):
        result = _sign(first) * _magnitude(first).binary("FLOOR_MOD", _magnitude(second))
    else:
        result = first.binary("FLOOR_MOD", second)
    context.set(node.outputs[0], result.cast(dtype).value, axes)


def _magnitude(x: Formula) -> Formula:
    if x.value.data is not None:
        return Formula(x.context, x.context.builder.constant(np.abs(x.value.data), "magnitude"))
    return x.binary("MAXIMUM", x.unary("NEG"))


def _sign(x: Formula) -> Formula:
    if x.value.dtype.is_float:
        return x.unary("SIGN")
    return x.binary("MAXIMUM", -1).binary("MINIMUM", 1)
