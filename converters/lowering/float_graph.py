"""Take over a float TFLite source: it is the graph already, and only cleaned."""

from edgekit.converters.graph import keep_description, read_graph
from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.lowering.lower import LoweredGraph
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
    builder = GraphBuilder.of(graph, origins)
    rewrite_foreign(builder)
    clean_graph(builder)
    return LoweredGraph(
        graph=keep_description(graph, builder.finish(main.name)),
        input_axes=tuple(tuple(range(len(value.shape))) for value in builder.inputs),
        output_axes=tuple(tuple(range(len(value.shape))) for value in builder.outputs),
        origins={
            value.name: value.origin
            for node in builder.nodes
            for value in node.outputs
            if value.origin
        },
    )
