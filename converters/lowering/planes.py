"""Pools over one, two or three spatial axes as pools over two, which is what TFLite has."""

from collections.abc import Callable

from edgekit.converters.graph.builder import Value
from edgekit.converters.layout import CHANNELS_LAST_AXES
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import open_spatial, set_spatial, spatial_shape
from edgekit.converters.lowering.windows import Window, window_of

__all__ = ["PlanePool", "pool_planes"]

PlanePool = Callable[[Value, Window, tuple[int, ...]], Value]
"""Pools an NHWC value with a window over two axes that takes so many positions on each."""


def pool_planes(
    context: Lowering,
    node: SourceNode,
    pool: PlanePool,
    *,
    before: Callable[[Value], Value] = lambda value: value,
    after: Callable[[Value], Value] = lambda value: value,
) -> None:
    """Lower a pool that may be done one axis after the other, as maxima and sums may.

    Args:
        context: The lowering.
        node: Pools its first input into its first output.
        pool: Pools over two axes.
        before: Done to every element of the input.
        after: Done to every element of the output.
    """
    name, output = node.inputs[0], node.outputs[0]
    window = window_of(node, context.shape(name)[2:], node.integers("kernel_shape", ()), most=3)
    if len(window.kernel) < 3:
        shape = spatial_shape(context, output)
        value = before(open_spatial(context, name))
        value = pool(value, window.two_dimensional(), shape[1:3])
        set_spatial(context, output, after(value))
        return
    axes = CHANNELS_LAST_AXES[5]
    value = before(context.get(name, axes))
    batch, depth, *plane, channels = value.shape
    outputs = context.shape(output)[2:]
    value = context.reshape(value, (batch * depth, *plane, channels))
    value = pool(value, window.part(slice(1, 3)), outputs[1:])
    value = context.reshape(value, (batch, depth, outputs[1] * outputs[2], channels))
    deep = window.part(slice(0, 1))
    column = Window(
        (*deep.kernel, 1), (*deep.strides, 1), (*deep.dilations, 1), (*deep.pads, (0, 0))
    )
    value = after(pool(value, column, (outputs[0], value.shape[2])))
    context.set(output, context.reshape(value, (batch, *outputs, channels)), axes)
