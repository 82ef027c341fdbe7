"""AffineGrid: known positions times the affine maps."""

import math

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.matrix import batch_matmul
from edgekit.converters.lowering.reading import integers_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("AffineGrid")
def affine_grid(context: Lowering, node: SourceNode) -> None:
    """Lower maps ``[N, axes, axes + 1]`` to positions ``[N, *sizes, axes]``.

    Source: ONNX's AffineGrid, opset 20; positions run from -1 to 1, the last axis first.
    """
    sizes = integers_of(context, node, 1)[2:]
    aligned = node.integer("align_corners", 0) == 1
    lines = []
    for size in sizes:
        if aligned:
            lines.append(np.linspace(-1.0, 1.0, size) if size > 1 else np.array([-1.0]))
        else:
            lines.append((2 * np.arange(size) + 1) / size - 1)
    columns = [line.ravel() for line in np.meshgrid(*lines, indexing="ij")][::-1]
    places = np.stack([*columns, np.ones(math.prod(sizes))], 1).astype(np.float32)
    maps = context.get(node.inputs[0])
    known = context.builder.constant(places[None], f"{node.name}/positions")
    result = batch_matmul(context, known, maps, adj_y=True)
    context.set(node.outputs[0], context.reshape(result, context.shape(node.outputs[0])))
