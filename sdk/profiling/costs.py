"""What operators have to do at least: multiply-accumulates, and bytes to read and to write."""

from collections.abc import Collection

from edgekit.converters.graph import Graph
from edgekit.converters.graph.macs import operator_macs
from edgekit.profiling.cutting import external_tensors

__all__ = ["macs", "moved_bytes", "multiplied_types"]


def macs(graph: Graph, operators: Collection[int]) -> int:
    """Return the multiply-accumulates of some operators, by their indices."""
    return sum(operator_macs(graph.main.operators[index], graph.main) for index in operators)


def moved_bytes(graph: Graph, operators: Collection[int]) -> int:
    """Return how many bytes some operators read from outside and write for others.

    Every tensor counts once: what a kernel reads again, or keeps in scratch memory, comes on
    top; what the caches still hold from before does not have to come from memory.
    """
    read, written = external_tensors(graph, operators)
    return sum(graph.main.tensors[index].size_bytes for index in (*read, *written))


def multiplied_types(graph: Graph) -> tuple[str, ...]:
    """Return the types in which a model multiplies: those of inputs that its weights share."""
    main = graph.main
    found = []
    for operator in main.operators:
        if operator_macs(operator, main):
            kinds = {tensor.dtype for tensor in main.inputs_of(operator) if len(tensor.shape) > 1}
            if len(kinds) == 1:
                found.append(str(kinds.pop()))
    return tuple(dict.fromkeys(found))
