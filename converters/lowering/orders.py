"""Choose an axis order for operators that work along one axis or over a set of axes."""

from collections.abc import Iterable

from edgekit.converters.lowering.context import Axes, Lowering, identity

__all__ = ["kept_axes", "order_ending_with", "positions_of"]


def order_ending_with(context: Lowering, name: str, axis: int) -> Axes:
    """Return an order of a tensor that ends with a source axis, one that exists if there is one."""
    rank = context.rank(name)
    for axes in context.orders(name):
        if axes[-1] == axis:
            return axes
    if axis == rank - 1:
        return identity(rank)
    return (*(item for item in context.axes(name) if item != axis), axis)


def positions_of(axes: Axes, source_axes: Iterable[int]) -> tuple[int, ...]:
    """Return where source axes stand in an order."""
    return tuple(sorted(axes.index(axis) for axis in source_axes))


def kept_axes(axes: Axes, removed: Iterable[int]) -> Axes:
    """Return the order that is left when source axes are removed, numbered anew."""
    gone = set(removed)
    left = [axis for axis in axes if axis not in gone]
    return tuple(sorted(left).index(axis) for axis in left)
