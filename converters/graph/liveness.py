"""How much memory a graph's activations need at the least."""

import math

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Subgraph

__all__ = ["live_activation_bytes", "peak_activation_bytes"]


def peak_activation_bytes(subgraph: Subgraph) -> int:
    """Return the largest sum of tensors that are alive together, in bytes.

    No arena in this order of execution can be smaller, save by computing in place; real ones
    are larger by alignment, fragmentation and kernels' scratch.
    """
    return max(live_activation_bytes(subgraph))


def live_activation_bytes(subgraph: Subgraph) -> list[int]:
    """Return the bytes of the tensors that are alive at each operator, and after the last.

    A tensor lives from the operator that writes it (inputs: from the start) to the last that
    reads it (outputs: to the end). Kernels unpack INT4 weights to bytes while they run.
    """
    end = len(subgraph.operators)
    first = dict.fromkeys(subgraph.inputs, 0)
    last = dict.fromkeys(subgraph.inputs, 0)
    for operator in subgraph.operators:
        for tensor in subgraph.inputs_of(operator):
            last[tensor.index] = operator.index
        for tensor in subgraph.outputs_of(operator):
            first.setdefault(tensor.index, operator.index)
            last.setdefault(tensor.index, operator.index)
    last.update(dict.fromkeys(subgraph.outputs, end))
    for tensor in subgraph.tensors:
        if tensor.is_variable:
            first[tensor.index], last[tensor.index] = 0, end
    live = [0] * (end + 1)
    for index, start in first.items():
        tensor = subgraph.tensors[index]
        if tensor.is_constant:
            continue
        for step in range(start, last[index] + 1):
            live[step] += tensor.size_bytes
    for operator in subgraph.operators:
        live[operator.index] += sum(
            math.prod(tensor.shape)
            for tensor in subgraph.inputs_of(operator)
            if tensor.dtype is DataType.INT4
        )
    return live
