"""Merge low-rank branches into the weights beside them: ``x.W + x.A.B`` is ``x.(W + A.B)``."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.affine_map import AffineMap, Branch
from edgekit.converters.lowering.affine_maps import AffineMaps
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode

__all__ = ["MergedBranch", "merge_low_rank"]


@dataclass(frozen=True, slots=True)
class MergedBranch:
    """Low-rank branches that went into the weights beside them.

    Attributes:
        weights: The constant beside the branches, as the source names it.
        merged: The constant that holds both.
        node: What multiplied with the weights, as messages call it.
        branches: The chains.
        low_rank_values: How many numbers the chains held.
        largest_change: Largest change of a weight, over the largest weight.
    """

    weights: str
    merged: str
    node: str
    branches: tuple[Branch, ...]
    low_rank_values: int
    largest_change: float


def merge_low_rank(
    graph: SourceGraph, pinned: Collection[str] = ()
) -> tuple[SourceGraph, tuple[MergedBranch, ...]]:
    """Merge every branch that others do not read.

    Ensures the same values up to the rounding of float32: products are taken in float64.

    Args:
        graph: Without operators that pass a tensor on as it is.
        pinned: Tensors that have to stay, constants among them.
    """
    maps = AffineMaps(graph)
    replaced: dict[SourceNode, tuple[SourceNode, ...]] = {}
    constants = dict(graph.constants)
    merged: list[MergedBranch] = []
    for node in reversed(graph.nodes):
        found = None if node in replaced else _found(maps, node, pinned)
        if found is None:
            continue
        replaced.update(dict.fromkeys(found.steps, ()))
        nodes, item = _merged(found, node, constants)
        replaced[node] = nodes
        merged.append(item)
    if not merged:
        return graph, ()
    shapes = {**graph.shapes, **{name: values.shape for name, values in constants.items()}}
    dtypes = {**graph.dtypes, **{name: values.dtype for name, values in constants.items()}}
    for old, nodes in replaced.items():
        for new in nodes:
            shapes[new.outputs[0]] = graph.shapes[old.outputs[0]]
            dtypes[new.outputs[0]] = graph.dtypes[old.outputs[0]]
    nodes = tuple(new for node in graph.nodes for new in replaced.get(node, (node,)))
    graph = replace(graph, nodes=nodes, shapes=shapes, dtypes=dtypes, constants=constants)
    return graph, tuple(reversed(merged))


def _found(maps: AffineMaps, node: SourceNode, pinned: Collection[str]) -> AffineMap | None:
    """Return what a sum is of a tensor, if weights and branches beside them are in it."""
    if node.kind not in ("Add", "Sub") or node.domain:
        return None
    for found in maps.of(node.outputs[0]):
        if found.base is None or not found.branches or not maps.is_private(found, node):
            continue
        names = {name for step in found.steps for name in (*step.inputs, *step.outputs)}
        if names.isdisjoint({*pinned} - {found.x, *node.outputs}):
            return found
    return None


def _merged(
    found: AffineMap, last: SourceNode, constants: dict[str, npt.NDArray[Any]]
) -> tuple[tuple[SourceNode, ...], MergedBranch]:
    """Return the nodes that compute it at once; adds what they read to the constants."""
    assert found.base is not None
    assert found.constant is not None
    base, output = found.base, last.outputs[0]
    values = found.weights()
    before = np.asarray(constants[found.constant], np.float64)
    if base.kind == "Gemm" and base.integer("transB", 0):
        before = before.T
    kept_as = values if found.form.kind in ("conv", "left") else values.T
    name = f"{found.constant}/merged"
    while name in constants:
        name += "_again"
    constants[name] = np.ascontiguousarray(kept_as, np.float32)
    kinds = {"conv": "Conv", "rows": "Gather"}
    inputs = (name, found.x) if found.form.kind in ("left", "rows") else (found.x, name)
    attributes = base.attributes if found.form.kind in kinds else {}
    node = replace(
        base,
        kind=kinds.get(found.form.kind, "MatMul"),
        inputs=inputs,
        outputs=last.outputs,
        attributes=attributes,
    )
    nodes: tuple[SourceNode, ...] = (node,)
    if found.bias is not None:
        bias = f"{output}/merged_bias"
        constants[bias] = np.asarray(found.bias, np.float32)
        if node.kind == "Conv":
            nodes = (replace(node, inputs=(*inputs, bias)),)
        else:
            if found.form.kind == "left":
                constants[bias] = constants[bias][:, None]
            product = f"{output}/product"
            add = replace(last, kind="Add", inputs=(product, bias), attributes={})
            nodes = (replace(node, outputs=(product,)), add)
    largest = float(np.max(np.abs(before), initial=0.0)) or 1.0
    low_rank = {factor for branch in found.branches for factor in branch.factors}
    return nodes, MergedBranch(
        weights=found.constant,
        merged=name,
        node=base.label,
        branches=found.branches,
        low_rank_values=sum(constants[factor].size for factor in low_rank),
        largest_change=float(np.max(np.abs(kept_as - before), initial=0.0)) / largest,
    )
