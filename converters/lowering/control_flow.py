"""Fold what is known before the model runs: constants, and the control flow that they decide."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.bodies import constants_of, copied_body
from edgekit.converters.lowering.loops import MOST_NODES, Loop
from edgekit.converters.lowering.prepare import fold_constants

__all__ = ["fold_known"]


def fold_known(
    model: Any, sample: Mapping[str, npt.NDArray[Any]]
) -> tuple[Any, dict[str, npt.NDArray[Any]]]:
    """Fold constants, write out the control flow that they decide, until nothing changes.

    An If with a constant condition becomes its branch, a Loop with a known number of passes
    becomes them. Ensures that the values stay the same, and that a Loop that is left has an
    obstacle, or is too much together with the loops before it.

    Args:
        model: A model as :func:`~edgekit.converters.lowering.prepare.prepare` leaves it;
            changed in place.
        sample: Any valid inputs; what is folded does not depend on them.

    Returns:
        The model, and every tensor's values on the sample.
    """
    room = MOST_NODES
    while True:
        model, values = fold_constants(model, sample)
        left = _write_out(model, room)
        if left is None:
            return model, values
        room = left


def _write_out(model: Any, room: int) -> int | None:
    """Write out what is known; return how many nodes there is room for, None without a change."""
    graph = model.graph
    opsets = {item.domain.removeprefix("ai.onnx"): item.version for item in model.opset_import}
    constants = constants_of(graph)
    nodes: list[Any] = []
    changed = False
    for node in graph.node:
        bodies = {item.name: item.g for item in node.attribute if item.g.output}
        outputs = tuple(node.output)
        if node.op_type == "If" and node.input[0] in constants:
            is_true = bool(np.reshape(constants[node.input[0]], ()))
            nodes += _branch(graph, bodies["then_branch" if is_true else "else_branch"], outputs)
            changed = True
            continue
        loop = Loop(tuple(node.input), bodies["body"], constants) if _is_loop(node) else None
        if loop is None or loop.obstacle or loop.nodes > room:
            nodes.append(node)
            continue
        nodes += loop.written_out(graph, outputs, opsets[""])
        room -= loop.nodes
        changed = True
    if not changed:
        return None
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
    return room


def _is_loop(node: Any) -> bool:
    return bool(node.op_type == "Loop" and not node.domain)


def _branch(graph: Any, body: Any, outputs: tuple[str, ...]) -> Iterator[Any]:
    """Yield the nodes of a branch, then those that give the outputs."""
    from onnx import helper

    nodes, results = copied_body(graph, body, {}, next(name for name in outputs if name))
    yield from nodes
    for name, target in zip(results, outputs, strict=True):
        if target:
            yield helper.make_node("Identity", [name], [target], target)
