"""Col2Im: overlapping blocks put back into an image, as a transposed convolution does it."""

import math

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.ops.transposed_convolution import (
    TransposedAxis,
    TransposedLayer,
    emit_transposed,
)
from edgekit.converters.lowering.reading import integers_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import set_spatial, spatial_shape


@lowers("Col2Im")
def column_to_image(context: Lowering, node: SourceNode) -> None:
    """Lower sums of overlapping blocks; each tap of a block is a channel of its own."""
    image, block = integers_of(context, node, 1), integers_of(context, node, 2)
    if len(block) != 2:
        raise RefusedError(node, f"its blocks have {len(block)} axes", hint="two are supported")
    strides, dilations = node.integers("strides", (1, 1)), node.integers("dilations", (1, 1))
    pads = node.integers("pads", (0, 0, 0, 0))
    axes = []
    for index in range(2):
        padded = image[index] + pads[index] + pads[index + 2]
        extent = (block[index] - 1) * dilations[index] + 1
        size = (padded - extent) // strides[index] + 1
        axes.append(
            TransposedAxis(
                size, image[index], block[index], strides[index], dilations[index], pads[index]
            )
        )
    shape = spatial_shape(context, node.outputs[0])
    taps, channels = math.prod(block), shape[3]
    weights = np.zeros((channels, taps, channels, taps), np.float32)
    weights[np.arange(channels), :, np.arange(channels)] = np.eye(taps, dtype=np.float32)
    weights = weights.reshape(channels * taps, channels, *block)
    value = context.get(node.inputs[0], (0, 2, 1))
    value = context.reshape(value, (shape[0], axes[0].size, axes[1].size, channels * taps))
    layer = TransposedLayer(node.name, "", weights, np.zeros(channels, np.float32), axes, shape)
    set_spatial(context, node.outputs[0], emit_transposed(context, value, layer))
