"""Reshape and its kin, and Transpose: what keeps every value and often moves none of them."""

from collections.abc import Sequence

from edgekit.converters.layout import CHANNELS_LAST_AXES
from edgekit.converters.lowering.blocks import ReshapeBlocks, place_units, without_units
from edgekit.converters.lowering.context import Axes, Deferred, Lowering, identity
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Flatten", "Reshape", "Squeeze", "Unsqueeze")
def reshape(context: Lowering, node: SourceNode) -> None:
    """Lower a change of shape; sizes and axes are in the output's shape already.

    It is made once its reader is known: a reader that wants channels last gets them from the
    order of the input that gives them, where there is one.
    """
    if node.has(1):
        context.required_constant(node, 1)
    source, name = node.inputs[0], node.outputs[0]
    blocks = ReshapeBlocks.of(context.shape(source), context.shape(name))

    def needs(axes: Axes) -> Axes | None:
        essential = blocks.order_before(axes)
        return None if essential is None else _whole(context, source, essential)

    context.defer(name, Deferred(source, node, _default(context, source, name, blocks), needs))


@lowers("Transpose")
def transpose(context: Lowering, node: SourceNode) -> None:
    """Lower a transposition to nothing: the same data under other names of their axes."""
    source, name = node.inputs[0], node.outputs[0]
    backwards = tuple(reversed(range(context.rank(source))))
    order = node.integers("perm", backwards)
    orders = [tuple(order.index(axis) for axis in axes) for axes in context.orders(source)]
    preferred = CHANNELS_LAST_AXES.get(len(order))
    default = preferred if preferred in orders else orders[0]

    def needs(axes: Axes) -> Axes:
        return tuple(order[axis] for axis in axes)

    assert default is not None
    context.defer(name, Deferred(source, node, default, needs))


def _default(context: Lowering, source: str, name: str, blocks: ReshapeBlocks) -> Axes:
    """Return an order of the output for readers that take any."""
    own = identity(context.rank(name))
    orders = context.orders(source)
    free = [axes for order in orders if (axes := blocks.order_after(order)) is not None]
    spatial = CHANNELS_LAST_AXES.get(context.rank(name)) if context.meets_spatial(name) else None
    wanted = spatial or own
    if wanted in free:
        return wanted
    if free:
        return free[0]
    least = blocks.sorted_inside(orders[0])
    if least is not None:
        kept = blocks.order_after(least)
        assert kept is not None
        return kept
    return wanted if blocks.order_before(wanted) is not None else own


def _whole(context: Lowering, name: str, essential: Axes) -> Axes:
    """Return an order with these essential axes, one that exists if possible."""
    shape: Sequence[int] = context.shape(name)
    for order in context.orders(name):
        if without_units(order, shape) == essential:
            return order
    return place_units(essential, shape)
