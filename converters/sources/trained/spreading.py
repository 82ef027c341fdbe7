"""Grids of tensors that hold another's values: TFLite's operators that move values share one."""

from collections.abc import Mapping
from typing import Any

from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["MOVING", "spread_grids"]

MOVING = frozenset(
    "Concat DepthToSpace Dropout Expand Flatten Gather Identity MaxPool Reshape Slice SpaceToDepth "
    "Split Squeeze Tile Transpose Unsqueeze".split()
)
"""Operators that compute no new values, on integers as on floats."""


def spread_grids(graph: Any, grids: Mapping[str, TrainedGrid]) -> dict[str, TrainedGrid]:
    """Return the grids of a float graph with those that moved values share.

    A tensor that operators only move gets the grid of the results, if they have one and the same;
    results without a grid get that of what is moved.

    Args:
        graph: An ``onnx.GraphProto``.
        grids: Tensor -> grid.
    """
    found = dict(grids)
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    outputs = {value.name for value in graph.output}
    floats = {item.name for item in graph.initializer}
    for node in reversed(graph.node):
        for name in node.input:
            if name in found or name in floats or name in outputs or not _moves(node, name):
                continue
            results = {
                found.get(output)
                for reader in readers[name]
                for output in (reader.output if _moves(reader, name) else ("",))
            }
            if len(results) == 1 and (grid := results.pop()) is not None:
                found[name] = grid
    for node in graph.node:
        if node.op_type in MOVING - {"Concat"} and node.input and node.input[0] in found:
            for output in filter(None, node.output):
                if len(found[node.input[0]].scales) == 1:
                    found.setdefault(output, found[node.input[0]])
    return found


def _moves(node: Any, name: str) -> bool:
    """Whether a node moves a tensor, rather than reading a shape or indices from it."""
    if node.op_type == "Concat":
        return True
    return node.op_type in MOVING and node.input[0] == name
