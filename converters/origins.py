"""Find which node of the source made each tensor of a lowered model, by their values."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.model import Operator, Subgraph

__all__ = ["find_origins", "origin_before", "origin_of"]

_RELATIVE = 1e-4  # float32 rounding of different summation orders stays well below


def find_origins(
    source: Any,
    source_values: Mapping[str, npt.NDArray[Any]],
    lowered_values: Mapping[str, npt.NDArray[Any]],
) -> dict[str, str]:
    """Match the tensors of a lowered model with the source's nodes.

    Two tensors match when their size, minimum, maximum, mean and root mean square agree on
    the same generic input: figures that do not change when axes move. Of several nodes, the
    closest is taken, and of equally close ones the first in the order of computation.

    Args:
        source: The ``onnx.ModelProto``.
        source_values: Its inner tensors and outputs, in the order of computation.
        lowered_values: The lowered model's tensors.

    Returns:
        Lowered tensor name -> ``Op 'node'``.
    """
    makers = {name: node for node in source.graph.node for name in node.output}
    by_size: dict[int, list[tuple[npt.NDArray[np.float64], str]]] = {}
    for name, values in source_values.items():
        if name in makers and values.dtype.kind == "f" and values.size > 1:
            node = makers[name]
            label = f"{node.op_type} '{node.name or name}'"
            by_size.setdefault(values.size, []).append((_figures(values), label))
    found: dict[str, str] = {}
    for name, values in lowered_values.items():
        if values.dtype.kind != "f":
            continue
        figures = _figures(values)
        closest = _RELATIVE
        for candidate, label in by_size.get(values.size, ()):
            # The spread of the values, not each figure, sets the scale of what is rounding.
            scale = max(abs(candidate[0]), abs(candidate[1]))
            distance = np.max(np.abs(candidate - figures)) / scale if scale > 0 else np.inf
            if distance < closest:
                found[name], closest = label, distance
    return found


def origin_of(subgraph: Subgraph, operator: Operator, origins: Mapping[str, str]) -> str:
    """Return the source node that an operator computes or helps to compute, or ``unknown``."""
    pending: list[Operator] = [operator]
    seen = {operator.index}
    while pending:
        current = pending.pop(0)
        written = {tensor.index for tensor in subgraph.outputs_of(current)}
        for index in sorted(written):
            if subgraph.tensors[index].name in origins:
                return origins[subgraph.tensors[index].name]
        for consumer in _readers(subgraph, written):
            if consumer.index not in seen:
                seen.add(consumer.index)
                pending.append(consumer)
    return "unknown"


def origin_before(subgraph: Subgraph, operator: Operator, origins: Mapping[str, str]) -> str | None:
    """Return the closest source node that an operator's data come from, None for the inputs."""
    makers = {index: item for item in subgraph.operators for index in item.outputs}
    pending = [operator]
    seen = {operator.index}
    while pending:
        for tensor in subgraph.inputs_of(pending.pop(0)):
            if tensor.name in origins:
                return origins[tensor.name]
            maker = makers.get(tensor.index)
            if maker and maker.index not in seen:
                seen.add(maker.index)
                pending.append(maker)
    return None


def _readers(subgraph: Subgraph, tensors: set[int]) -> Iterable[Operator]:
    return (item for item in subgraph.operators if tensors.intersection(item.inputs))


def _figures(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    wide = values.astype(np.float64).ravel()
    wide = wide[np.isfinite(wide)]
    if not wide.size:
        return np.zeros(4)
    rms = np.sqrt(np.mean(np.square(wide)))
    return np.array([wide.min(), wide.max(), wide.mean(), rms])
