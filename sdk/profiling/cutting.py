"""Models that end earlier: the operators of a graph up to one of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from edgekit.converters.graph import Graph, Operator, write_graph

__all__ = ["beginning", "external_tensors", "prefix"]


def prefix(graph: Graph, operators: Sequence[Operator]) -> bytes:
    """Return a model of some operators of a graph, which gives out what the others would read.

    Tensors keep their indices and names, so that it computes exactly what the whole does.
    Constants that it does not use are left out.

    Args:
        graph: A graph of one subgraph.
        operators: Some of its operators in their order, with all that they depend on.
    """
    main = graph.main
    kept = {operator.index for operator in operators}
    used = {index for operator in operators for index in operator.inputs}
    written = {index for operator in operators for index in operator.outputs}
    wanted = {
        index
        for operator in main.operators
        if operator.index not in kept
        for index in operator.inputs
    }
    wanted.update(main.outputs)
    outputs = tuple(
        index for operator in operators for index in operator.outputs if index in wanted
    )
    outputs = outputs or operators[-1].outputs  # where nobody reads what they write
    tensors = tuple(
        tensor if tensor.index in used | written else replace(tensor, data=None)
        for tensor in main.tensors
    )
    part = replace(main, tensors=tensors, operators=tuple(operators), outputs=outputs)
    return write_graph(Graph((part,)))


def beginning(graph: Graph) -> bytes:
    """Return a model with the inputs of a graph and no operators, which gives them out again."""
    main = graph.main
    tensors = tuple(replace(tensor, data=None) for tensor in main.tensors)
    part = replace(main, tensors=tensors, operators=(), outputs=main.inputs)
    return write_graph(Graph((part,)))


def external_tensors(graph: Graph, operators: Collection[int]) -> tuple[set[int], set[int]]:
    """Return which tensors some operators read from outside, and which they write for others.

    Args:
        graph: A graph of one subgraph.
        operators: Indices of operators.
    """
    main = graph.main
    inside = [main.operators[index] for index in operators]
    written = {index for operator in inside for index in operator.outputs}
    read = {index for operator in inside for index in operator.inputs if index >= 0} - written
    wanted = set(main.outputs)
    for operator in main.operators:
        if operator.index not in operators:
            wanted.update(operator.inputs)
    return read, written & wanted
