"""A part of a graph as a graph of its own."""

from collections.abc import Collection

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.model import Graph

__all__ = ["extract"]


def extract(graph: Graph, given: Collection[str], wanted: str) -> Graph:
    """Return what computes a tensor from others.

    Args:
        graph: A graph of one subgraph.
        given: Names of computed tensors at which the part begins; inputs of the graph begin it
            anyway. It takes those of them that it needs, in the order of the graph.
        wanted: Name of the tensor that it gives out; not one of its inputs, even if it is given.
    """
    builder = GraphBuilder.of(graph)
    makers = builder.producers()
    target = next(value for value in makers if value.name == wanted)
    begins = {value for value in makers if value.name in given} | set(builder.inputs)
    begins.discard(target)
    needed: set[Value] = set()
    waiting = [target]
    while waiting:
        value = waiting.pop()
        if value in needed or value.is_constant:
            continue
        needed.add(value)
        if value not in begins:
            waiting.extend(makers[value].reads())
    nodes = [
        node
        for node in builder.nodes
        if any(value in needed and value not in begins for value in node.outputs)
    ]
    order = [*builder.inputs, *makers]
    builder.inputs = [value for value in order if value in needed and value in begins]
    builder.outputs, builder.nodes = [target], nodes
    return builder.finish(graph.main.name)
