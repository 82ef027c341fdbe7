"""Nodes that pass a tensor on as it is, taken out before anything looks for patterns."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode, body_reads
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["drop_no_ops"]

_ONE = "edgekit/one"
_TRAINING = 2  # input position
_DEFINES_MASK = 12  # opset


def drop_no_ops(graph: SourceGraph, grids: Mapping[str, TrainedGrid] | None = None) -> SourceGraph:
    """Let readers read what Identity, Dropout and conversions to the same type pass on.

    Ensures that such a node is left, as an Identity, only where it makes an output of the model
    or where the body of another node reads it, and that a Dropout is left only where it is in
    training mode, or its mask is read before the specification says which it is. Any other
    mask is a constant. Where what is passed on gets another grid, it becomes a product with one.

    Args:
        graph: As the model has it.
        grids: Tensor -> the grid that training chose for it.
    """
    grids = grids or {}
    fixed = set(graph.outputs).union(*(body_reads(node) for node in graph.nodes))
    read = fixed.union(*(filter(None, node.inputs) for node in graph.nodes))
    constants = dict(graph.constants)
    passed: dict[str, str] = {}
    kept = []
    for node in graph.nodes:
        inputs = tuple(passed.get(name, name) for name in node.inputs)
        if not _passes_on(graph, node) or _has_open_mask(node, read):
            kept.append(replace(node, inputs=inputs))
            continue
        output, *masks = node.outputs
        constants |= {name: np.ones(graph.shapes[name], np.bool_) for name in masks if name}
        if output in grids and grids.get(inputs[0]) != grids[output]:
            constants[_ONE] = np.ones((), np.float32)
            kept.append(
                replace(
                    node, kind="Mul", inputs=(inputs[0], _ONE), outputs=(output,), attributes={}
                )
            )
        elif output in fixed:
            kept.append(replace(node, kind="Identity", inputs=inputs, outputs=(output,)))
        else:
            passed[output] = inputs[0]
    shapes, dtypes = dict(graph.shapes), dict(graph.dtypes)
    if _ONE in constants:
        shapes[_ONE], dtypes[_ONE] = (), np.dtype(np.float32)
    return replace(graph, nodes=tuple(kept), shapes=shapes, dtypes=dtypes, constants=constants)


def _passes_on(graph: SourceGraph, node: SourceNode) -> bool:
    if node.domain:
        return False
    if node.kind == "Dropout":
        return not _trains(graph, node)
    if node.kind in ("Cast", "CastLike"):
        return graph.dtypes[node.inputs[0]] == graph.dtypes[node.outputs[0]]
    return node.kind == "Identity"


def _has_open_mask(node: SourceNode, read: set[str]) -> bool:
    """Whether somebody reads the mask of a Dropout from before the specification says which."""
    if node.kind != "Dropout" or node.opset >= _DEFINES_MASK:
        return False
    return not read.isdisjoint(node.outputs[1:])


def _trains(graph: SourceGraph, node: SourceNode) -> bool:
    """Whether a Dropout drops; before opset 12 it does so only in a model of opset 1 or 6."""
    if not node.has(_TRAINING):
        return node.opset < 7 and not node.integer("is_test", 0)
    mode = graph.constants.get(node.inputs[_TRAINING])
    return mode is None or bool(mode)
