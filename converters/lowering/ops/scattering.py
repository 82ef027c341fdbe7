"""Scatter, ScatterElements and ScatterND: new values at given places."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.indices import element_places, indices_of
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_REDUCTIONS = {"add": "ADD", "mul": "MUL", "max": "MAXIMUM", "min": "MINIMUM"}


@lowers("Scatter", "ScatterElements")
def scatter_elements(context: Lowering, node: SourceNode) -> None:
    """Lower a scatter of single elements at their places."""
    source = node.inputs[0]
    axis = node.integer("axis", 0) % context.rank(source)
    indices = indices_of(context, node, 1, context.shape(source)[axis])
    _scatter(context, node, element_places(context, indices, axis))


@lowers("ScatterND")
def scatter_nd(context: Lowering, node: SourceNode) -> None:
    """Lower a scatter of slices."""
    depth = context.shape(node.inputs[1])[-1]
    sizes = context.shape(node.inputs[0])[:depth]
    _scatter(context, node, indices_of(context, node, 1, sizes))


def _scatter(context: Lowering, node: SourceNode, places: Value) -> None:
    """Scatter into zeros with SCATTER_ND, which adds up what meets, and join with the data."""
    data, updates = context.get(node.inputs[0]), context.get(node.inputs[2])
    reduction = node.text("reduction", "none")
    if reduction != "none":
        require_kernel(node, _REDUCTIONS[reduction], data.dtype)
    _require_distinct(node, places, reduction)
    scattered = _emit(context, places, updates, data.shape)
    if reduction == "add":
        result = context.emit("ADD", [data, scattered], data.shape)
    else:
        if reduction != "none":
            kind = _REDUCTIONS[reduction]
            scattered = context.emit(kind, [data, scattered], data.shape)
        condition = _touched(context, places, updates.shape, data.shape)
        inputs = [condition, scattered, data]
        result = context.emit("SELECT_V2", inputs, data.shape, dtype=data.dtype)
    context.set(node.outputs[0], result)


def _require_distinct(node: SourceNode, places: Value, reduction: str) -> None:
    """Refuse what SCATTER_ND's sums would get wrong.

    Without a reduction ONNX forbids equal places, so they need not be known.
    """
    if reduction == "add" or (reduction == "none" and places.data is None):
        return
    if places.data is None:
        raise RefusedError(
            node,
            f"its places are computed, and its reduction '{reduction}' may meet some twice",
            hint="export the model with constant indices",
        )
    rows = places.data.reshape(-1, places.shape[-1])
    if len(np.unique(rows, axis=0)) != len(rows):
        raise RefusedError(node, f"places repeat, with the reduction '{reduction}'")


def _touched(
    context: Lowering, places: Value, updates: tuple[int, ...], shape: tuple[int, ...]
) -> Value:
    """Return where something is scattered."""
    if places.data is not None:
        mask = np.zeros(shape, np.bool_)
        mask[tuple(np.moveaxis(places.data, -1, 0))] = True
        return context.builder.constant(mask, "touched")
    ones = context.builder.constant(np.ones(updates, np.int32), "ones")
    counts = _emit(context, places, ones, shape)
    zero = context.builder.constant(np.zeros((1,), np.int32), "zero")
    return context.emit("GREATER", [counts, zero], shape, dtype=DataType.BOOL)


def _emit(context: Lowering, places: Value, updates: Value, shape: tuple[int, ...]) -> Value:
    if places.dtype is not DataType.INT32:
        places = context.emit("CAST", [places], places.shape, dtype=DataType.INT32)
    target = context.builder.integers(shape, "shape")
    return context.emit("SCATTER_ND", [places, updates, target], shape, dtype=updates.dtype)
