"""DepthToSpace and SpaceToDepth in both orders of channels."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.layout import CHANNELS_LAST_AXES
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("DepthToSpace")
def depth_to_space(context: Lowering, node: SourceNode) -> None:
    """Lower to DEPTH_TO_SPACE, which counts channels of blocks (DCR).

    Blocks of channels (CRD, what pixel shuffles are) are brought into that order before; a
    convolution in front takes the permutation into its filters.
    """
    block = node.integer("blocksize", 1)
    axes = CHANNELS_LAST_AXES[4]
    value = context.get(node.inputs[0], axes)
    if node.text("mode", "DCR") == "CRD":
        depth = value.shape[-1]
        order = np.arange(depth).reshape(-1, block * block).T.reshape(-1)
        value = _channels(context, value, order)
    shape = [context.shape(node.outputs[0])[axis] for axis in axes]
    result = context.emit("DEPTH_TO_SPACE", [value], shape, block_size=block)
    context.set(node.outputs[0], result, axes)


@lowers("SpaceToDepth")
def space_to_depth(context: Lowering, node: SourceNode) -> None:
    """Lower to SPACE_TO_DEPTH, which gives channels of blocks."""
    block = node.integer("blocksize", 1)
    axes = CHANNELS_LAST_AXES[4]
    value = context.get(node.inputs[0], axes)
    shape = [context.shape(node.outputs[0])[axis] for axis in axes]
    result = context.emit("SPACE_TO_DEPTH", [value], shape, block_size=block)
    if node.text("mode", "DCR") == "CRD":
        order = np.arange(shape[-1]).reshape(block * block, -1).T.reshape(-1)
        result = _channels(context, result, order)
    context.set(node.outputs[0], result, axes)


def _channels(context: Lowering, value: Value, order: npt.NDArray[np.int64]) -> Value:
    places = context.builder.constant(order.astype(np.int32), "channels")
    return context.emit("GATHER", [value, places], value.shape, axis=3)
