"""TensorScatter: write an update into a cache, as decoders keep keys and values."""

import numpy as np

from edgekit.converters.graph.builder import Node
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes


@lowers("TensorScatter")
def tensor_scatter(context: Lowering, node: SourceNode) -> None:
    """Lower an update that starts at one known place of each sample."""
    cache, update = (context.get(name) for name in node.inputs[:2])
    axis = node.integer("axis", -2) % len(cache.shape)
    places = context.required_constant(node, 2) if node.has(2) else np.zeros(1, np.int64)
    start = int(places.flat[0])
    if np.any(places != start):
        raise RefusedError(node, "its samples are written at different places")
    if not 0 <= start <= cache.shape[axis] - update.shape[axis]:
        raise RefusedError(node, "its update goes over the end of the cache and wraps around")
    begin = context.builder.integers(start * np.eye(len(cache.shape), dtype=int)[axis], "begin")
    result = context.emit("DYNAMIC_UPDATE_SLICE", [cache, update, begin], cache.shape)
    context.set(node.outputs[0], result)


@quantizes("DYNAMIC_UPDATE_SLICE")
def update_slice(quantizer: Quantizer, node: Node) -> None:
    """Give the cache and its update the parameters of the output, whose range spans both."""
    (output,) = node.outputs
    wanted = quantizer.observed(output)
    quantizer.become(output, wanted)
    values = [quantizer.integer_as(value, wanted) for value in node.inputs[:2]]
    quantizer.keep(node, [*values, node.inputs[2]])
