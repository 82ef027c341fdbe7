"""Resize and Upsample: TFLite's own, a choice of positions, or a product with constants."""

import math

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Axes, Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.interpolation import (
    TFLITE_MODES,
    AxisMap,
    axis_maps,
    tflite_matches,
)
from edgekit.converters.lowering.matrix import batch_matmul, fully_connected
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import gather

_LARGEST_MATRIX = 1 << 20  # entries of constants


@lowers("Resize", "Upsample")
def resize(context: Lowering, node: SourceNode) -> None:
    """Lower a resize one axis after the other, or two neighbours at once where TFLite can."""
    name = node.inputs[0]
    for position in range(1, len(node.inputs)):
        if node.has(position):
            context.required_constant(node, position)
    axes = context.axes(name)
    value = context.get(name, axes)
    maps = axis_maps(context, node)
    interpolates = any(item.indices is None for item in maps.values())
    if interpolates and value.dtype is not DataType.FLOAT32:
        raise RefusedError(node, "it interpolates integers", hint="cast its input to float")
    waiting = [(position, maps[axis]) for position, axis in enumerate(axes) if axis in maps]
    while waiting:
        position, item = waiting.pop(0)
        modes = _modes(item)
        paired = waiting and waiting[0][0] == position + 1 and modes & _modes(waiting[0][1])
        if paired:
            value = _native(context, value, position, [item, waiting.pop(0)[1]], paired)
        elif modes:
            value = _native(context, value, position, [item], modes)
        elif item.indices is not None and item.indices.min() >= 0:
            value = gather(context, value, position, item.indices)
        else:
            value = _product(context, node, value, position, item)
    value = _extrapolated(context, node, value, axes, maps)
    context.set(node.outputs[0], value, axes)


def _modes(item: AxisMap) -> set[tuple[bool, bool]]:
    return {
        mode
        for mode in TFLITE_MODES
        if tflite_matches(item, align_corners=mode[0], half_pixel_centers=mode[1])
    }


def _native(
    context: Lowering,
    value: Value,
    position: int,
    items: list[AxisMap],
    modes: set[tuple[bool, bool]],
) -> Value:
    """Resize one axis, or it and the next, with whatever stands around as batch and channels."""
    behind = position + len(items)
    outer, inner = math.prod(value.shape[:position]), math.prod(value.shape[behind:])
    old = [item.size for item in items] + [1] * (2 - len(items))
    new = [len(item.weights) for item in items] + [1] * (2 - len(items))
    plane = context.reshape(value, (outer, *old, inner))
    align, half = next(mode for mode in TFLITE_MODES if mode in modes)
    nearest = items[0].indices is not None
    result = context.emit(
        "RESIZE_NEAREST_NEIGHBOR" if nearest else "RESIZE_BILINEAR",
        [plane, context.builder.integers(new, "size")],
        (outer, *new, inner),
        align_corners=align,
        half_pixel_centers=half,
    )
    sizes = new[: len(items)]
    return context.reshape(result, (*value.shape[:position], *sizes, *value.shape[behind:]))


def _product(
    context: Lowering, node: SourceNode, value: Value, position: int, item: AxisMap
) -> Value:
    """Multiply one axis with the matrix of its weights."""
    if value.dtype is not DataType.FLOAT32:
        raise RefusedError(node, "it extrapolates integers", hint="cast its input to float")
    outer, inner = math.prod(value.shape[:position]), math.prod(value.shape[position + 1 :])
    count = len(item.weights)
    if item.weights.size > _LARGEST_MATRIX:
        raise RefusedError(node, f"resizing {item.size} to {count} takes too large a matrix")
    label = f"{node.name}/weights"
    if inner == 1:
        rows = context.reshape(value, (outer, item.size))
        result = fully_connected(context, rows, item.weights, None, label)
    else:
        columns = context.reshape(value, (outer, item.size, inner))
        weights = context.builder.constant(item.weights[None], label)
        result = batch_matmul(context, weights, columns)
    return context.reshape(result, (*value.shape[:position], count, *value.shape[position + 1 :]))


def _extrapolated(
    context: Lowering, node: SourceNode, value: Value, axes: Axes, maps: dict[int, AxisMap]
) -> Value:
    """Add what stands outside of the input; it is zero there so far."""
    filler = node.number("extrapolation_value", 0.0)
    outside = np.zeros(value.shape, np.bool_)
    for axis, item in maps.items():
        along = [-1 if other == axis else 1 for other in axes]
        outside |= item.outside.reshape(along)
    if filler == 0.0 or not outside.any():
        return value
    border = context.builder.constant(
        np.where(outside, filler, 0).astype(np.float32), f"{node.name}/border"
    )
    return context.emit("ADD", [value, border], value.shape)
