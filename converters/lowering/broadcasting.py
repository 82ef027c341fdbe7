"""Operators over elements: one axis order for all inputs, constants moved beforehand."""

from collections.abc import Sequence

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Axes, Lowering, identity

__all__ = ["align", "common_axes"]


def common_axes(context: Lowering, names: Sequence[str], rank: int) -> Axes:
    """Return the axis order that an operator over elements shall keep.

    One that most of its computed inputs of full rank have already. Of several, that of the first
    input that is not in the source's order, so that channels-last data stay so; the source's own
    order otherwise.
    """
    computed = [
        name for name in names if context.constant(name) is None and context.rank(name) == rank
    ]
    present = [context.axes(name) for name in computed]
    present.sort(key=lambda axes: axes == identity(rank))
    orders = [*present, *(axes for name in computed for axes in context.orders(name))]
    return max(
        orders,
        key=lambda axes: sum(context.has(name, axes) for name in computed),
        default=identity(rank),
    )


def align(context: Lowering, name: str, axes: Axes) -> Value:
    """Return a source tensor that broadcasts against tensors in this axis order.

    Tensors of lower rank get axes of size 1 in front, as NumPy does it; leading axes of size 1
    of constants are dropped again, since kernels are fastest for plain vectors.
    """
    rank = len(axes)
    missing = rank - context.rank(name)
    if missing == 0:
        value = context.get(name, axes)
    elif axes == identity(rank):
        value = context.get(name)
    else:
        full = context.reshape(context.get(name), (1,) * missing + context.shape(name))
        value = context.transpose(full, axes)
    if value.data is None:
        return value
    shape = value.shape
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return context.reshape(value, shape)
