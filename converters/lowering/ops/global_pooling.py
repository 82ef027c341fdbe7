"""Pools over all spatial axes: reductions that keep them with size 1."""

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Axes, Lowering
from edgekit.converters.lowering.norms import power, root
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_KINDS = {"GlobalAveragePool": "MEAN", "GlobalMaxPool": "REDUCE_MAX"}


@lowers(*_KINDS)
def global_pool(context: Lowering, node: SourceNode) -> None:
    """Lower a mean or maximum over all axes but batch and channels, in any axis order."""
    axes = context.axes(node.inputs[0])
    value = context.get(node.inputs[0], axes)
    context.set(node.outputs[0], _reduce(context, _KINDS[node.kind], value, axes), axes)


@lowers("GlobalLpPool")
def global_lp_pool(context: Lowering, node: SourceNode) -> None:
    """Lower the root of a sum of powers of magnitudes."""
    order = node.integer("p", 2)
    axes = context.axes(node.inputs[0])
    value = power(context, context.get(node.inputs[0], axes), order)
    total = _reduce(context, "SUM", value, axes)
    context.set(node.outputs[0], root(context, total, order), axes)


def _reduce(context: Lowering, kind: str, value: Value, axes: Axes) -> Value:
    spatial = [position for position, axis in enumerate(axes) if axis >= 2]
    shape = [1 if position in spatial else size for position, size in enumerate(value.shape)]
    positions = context.builder.integers(spatial, "axes")
    return context.emit(kind, [value, positions], shape, keep_dims=True)
