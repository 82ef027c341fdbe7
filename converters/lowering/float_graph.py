"""Take over a float TFLite source: it is the graph already, and only cleaned."""

from dataclasses import replace

from edgekit.converters.graph import keep_description, read_graph
from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.interface import Interface, SourceLink
from edgekit.converters.lowering.context import identity
from edgekit.converters.lowering.lower import LoweredGraph, finished
from edgekit.converters.lowering.passes import clean_graph
from edgekit.converters.lowering.passes.foreign import rewrite_foreign
from edgekit.converters.sources.base import SourceModel

__all__ = ["take_over"]


def take_over(source: SourceModel) -> LoweredGraph:
    """Return the float graph of a TFLite source, after the passes that lowering ends with.

    Args:
        source: Its format is TFLite; the canonical model has fixed shapes.
    """
    graph = read_graph(source.content)
    main = graph.main
    origins = {
        tensor.name: f"{operator.kind} '{tensor.name}'"
        for operator in main.operators
        for tensor in main.outputs_of(operator)
    }
    links = {item.name: SourceLink(item.name, identity(len(item.shape))) for item in main.tensors}
    builder = GraphBuilder.of(graph, origins, links)
    rewrite_foreign(builder)
    clean_graph(builder)
    sides = (
        tuple(Interface(value.name, identity(len(value.shape))) for value in values)
        for values in (builder.inputs, builder.outputs)
    )
    lowered = finished(builder, main.name, *sides)
    return replace(lowered, graph=keep_description(graph, lowered.graph))
