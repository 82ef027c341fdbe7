"""Indices as TFLite's kernels take them: not negative, int32 where they are known."""

from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["element_places", "indices_of", "with_batch_places"]


def indices_of(
    context: Lowering, node: SourceNode, position: int, sizes: int | Sequence[int]
) -> Value:
    """Return an input that holds indices, in the source's order, counted from the front.

    Indices of a model's own input are taken to be counted from the front already where they
    select rows of a constant table: token ids, and nothing is computed on them.

    Args:
        context: The lowering.
        node: The node.
        position: Of the input.
        sizes: Of the axis that is indexed, or of each axis for index vectors.
    """
    name = node.inputs[position]
    data = context.constant(name)
    limits = np.array(sizes)
    if data is not None:
        wrapped = np.where(data < 0, data + limits, data)
        return context.builder.constant(wrapped.astype(np.int32), name)
    value = context.get(name)
    if name in context.source.inputs and context.constant(node.inputs[0]) is not None:
        return value
    limit = context.builder.constant(limits.astype(value.dtype.numpy), "sizes")
    # The remainder of a division by the size, which has the size's sign.
    return context.emit("FLOOR_MOD", [value, limit], value.shape)


def element_places(context: Lowering, indices: Value, axis: int) -> Value:
    """Return index vectors ``[*shape, rank]``: each element's own place, with ``axis`` replaced.

    It is what makes GatherElements and ScatterElements out of GATHER_ND and SCATTER_ND.
    """
    grid = np.moveaxis(np.indices(indices.shape), 0, -1).copy()
    if indices.data is not None:
        grid[..., axis] = indices.data
        return context.builder.constant(grid.astype(np.int32), indices.name)
    wide = context.reshape(indices, (*indices.shape, 1))
    grid = grid.astype(wide.dtype.numpy)
    sides = [grid[..., :axis], grid[..., axis + 1 :]]
    before, behind = ([context.builder.constant(s, "places")] if s.size else [] for s in sides)
    parts = [*before, wide, *behind]
    shape = (*indices.shape, len(indices.shape))
    return context.emit("CONCATENATION", parts, shape, axis=len(indices.shape))


def with_batch_places(context: Lowering, indices: Value, batch: int) -> Value:
    """Return index vectors with the place in the first ``batch`` axes in front of each."""
    if batch == 0:
        return indices
    grid = np.moveaxis(np.indices(indices.shape[:-1]), 0, -1)[..., :batch]
    if indices.data is not None:
        joined = np.concatenate([grid, indices.data], axis=-1)
        return context.builder.constant(joined.astype(np.int32), indices.name)
    places = context.builder.constant(grid.astype(indices.dtype.numpy), "places")
    shape = [*indices.shape[:-1], batch + indices.shape[-1]]
    return context.emit("CONCATENATION", [places, indices], shape, axis=len(shape) - 1)
