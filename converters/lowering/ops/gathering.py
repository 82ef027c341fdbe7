"""Gather, GatherElements, GatherND: values at given places."""

import math

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.indices import element_places, indices_of, with_batch_places
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Gather")
def gather(context: Lowering, node: SourceNode) -> None:
    """Lower a gather along one axis, wherever it stands; the indices' axes take its place."""
    source = node.inputs[0]
    order = context.axes(source)
    axis = node.integer("axis", 0) % len(order)
    indices = indices_of(context, node, 1, context.shape(source)[axis])
    value = context.get(source, order)
    position = order.index(axis)
    shape = (*value.shape[:position], *indices.shape, *value.shape[position + 1 :])
    result = context.emit("GATHER", [value, indices], shape, axis=position)
    extra = len(indices.shape)
    axes: list[int] = []
    for item in order:
        if item == axis:
            axes.extend(range(axis, axis + extra))
        else:
            axes.append(item if item < axis else item + extra - 1)
    context.set(node.outputs[0], result, tuple(axes))


@lowers("GatherElements")
def gather_elements(context: Lowering, node: SourceNode) -> None:
    """Lower a gather of single elements: GATHER_ND at their places."""
    source = node.inputs[0]
    axis = node.integer("axis", 0) % context.rank(source)
    indices = indices_of(context, node, 1, context.shape(source)[axis])
    places = element_places(context, indices, axis)
    result = context.emit("GATHER_ND", [context.get(source), places], indices.shape)
    context.set(node.outputs[0], result)


@lowers("GatherND")
def gather_nd(context: Lowering, node: SourceNode) -> None:
    """Lower a gather of slices; the places in batch axes are constants."""
    source = node.inputs[0]
    batch = node.integer("batch_dims", 0)
    sizes = context.shape(source)
    depth = context.shape(node.inputs[1])[-1]
    indices = indices_of(context, node, 1, sizes[batch : batch + depth])
    places = with_batch_places(context, indices, batch)
    shape = (*places.shape[:-1], *sizes[batch + depth :])
    context.set(node.outputs[0], context.emit("GATHER_ND", [context.get(source), places], shape))


@lowers("Compress")
def compress(context: Lowering, node: SourceNode) -> None:
    """Lower a selection by a constant condition to GATHER; without an axis, of all elements."""
    source, name = node.inputs[0], node.outputs[0]
    chosen = np.flatnonzero(context.required_constant(node, 1)).astype(np.int32)
    places = context.builder.constant(chosen, "chosen")
    if "axis" not in node.attributes:
        flat = context.reshape(context.get(source), (math.prod(context.shape(source)),))
        context.set(name, context.emit("GATHER", [flat, places], chosen.shape, axis=0))
        return
    order = context.axes(source)
    shape = [context.shape(name)[axis] for axis in order]
    position = order.index(node.integer("axis", 0) % len(order))
    inputs = [context.get(source, order), places]
    context.set(name, context.emit("GATHER", inputs, shape, axis=position), order)
