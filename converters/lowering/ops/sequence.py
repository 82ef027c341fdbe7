"""CumSum and ReverseSequence: operators along a sequence."""

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("CumSum")
def cumulative_sum(context: Lowering, node: SourceNode) -> None:
    """Lower a running sum along an axis, wherever it stands."""
    source = node.inputs[0]
    order = context.axes(source)
    value = context.get(source, order)
    require_kernel(node, "CUMSUM", value.dtype)
    axis = int(context.required_constant(node, 1).item()) % len(order)
    position = context.builder.constant(np.array(order.index(axis), np.int32), "axis")
    result = context.emit(
        "CUMSUM",
        [value, position],
        value.shape,
        exclusive=bool(node.integer("exclusive", 0)),
        reverse=bool(node.integer("reverse", 0)),
    )
    context.set(node.outputs[0], result, order)


@lowers("ReverseSequence")
def reverse_sequence(context: Lowering, node: SourceNode) -> None:
    """Lower a reversal of the first elements of each sequence."""
    source = node.inputs[0]
    order = context.axes(source)
    value = context.get(source, order)
    result = context.emit(
        "REVERSE_SEQUENCE",
        [value, context.get(node.inputs[1])],
        value.shape,
        seq_dim=order.index(node.integer("time_axis", 0)),
        batch_dim=order.index(node.integer("batch_axis", 1)),
    )
    context.set(node.outputs[0], result, order)
