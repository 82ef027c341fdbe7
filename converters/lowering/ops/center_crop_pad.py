"""CenterCropPad: a SLICE where it is too large, a PAD where it is too small."""

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("CenterCropPad")
def center_crop_pad(context: Lowering, node: SourceNode) -> None:
    """Lower a crop or zero padding around the centre; odd differences are larger behind."""
    context.required_constant(node, 1)
    name, output = node.inputs[0], node.outputs[0]
    axes = context.axes(name)
    value = context.get(name, axes)
    wanted = [context.shape(output)[axis] for axis in axes]
    kept = tuple(min(old, new) for old, new in zip(value.shape, wanted, strict=True))
    if kept != value.shape:
        starts = [(old - new) // 2 for old, new in zip(value.shape, kept, strict=True)]
        inputs = [value, context.builder.integers(starts, "begin")]
        value = context.emit("SLICE", [*inputs, context.builder.integers(kept, "size")], kept)
    if kept != tuple(wanted):
        missing = np.array(wanted) - kept
        pads = np.stack([missing // 2, missing - missing // 2], 1).astype(np.int32)
        amounts = context.builder.constant(pads, "paddings")
        value = context.emit("PAD", [value, amounts], wanted)
    context.set(output, value, axes)
