"""RotaryEmbedding, written out: pairs of features turned by known or computed angles."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("RotaryEmbedding")
def rotary_embedding(context: Lowering, node: SourceNode) -> None:
    """Lower a rotation of the first features of each head; the others stay."""
    name = node.inputs[0]
    given = context.get(name)
    heads_first = len(given.shape) == 4
    value = given if heads_first else _by_heads(context, node, given)
    size = value.shape[-1]
    turned = node.integer("rotary_embedding_dim", 0) or size
    interleaved = bool(node.integer("interleaved", 0))
    tables = [_table(context, node, position) for position in (1, 2)]
    shape = list(tables[0].shape)
    shape.insert(1 if heads_first else 2, 1)
    shape += [1] * interleaved
    cosine, sine = (Formula(context, context.reshape(table, shape)) for table in tables)
    head = _part(context, value, 0, turned)
    if interleaved:
        head = context.reshape(head, (*head.shape[:-1], turned // 2, 2))
    half = head.shape[-1] // 2
    first, second = (Formula(context, _part(context, head, at, half)) for at in (0, half))
    pair = [(first * cosine - second * sine).value, (first * sine + second * cosine).value]
    result = _joined(context, pair)
    result = context.reshape(result, (*value.shape[:-1], turned))
    if turned < size:
        result = _joined(context, [result, _part(context, value, turned, size - turned)])
    context.set(node.outputs[0], context.reshape(result, given.shape))


def _by_heads(context: Lowering, node: SourceNode, value: Value) -> Value:
    batch, length, size = value.shape
    heads = node.integer("num_heads", 1)
    return context.reshape(value, (batch, length, heads, size // heads))


def _table(context: Lowering, node: SourceNode, position: int) -> Value:
    """Return cosines or sines of the angles, ``[batch, length, size / 2]``."""
    table = context.constant(node.inputs[position])
    value = context.get(node.inputs[position])
    if not node.has(3):
        return value
    indices = context.constant(node.inputs[3])
    if table is not None and indices is not None:
        return context.builder.constant(table[indices], node.inputs[position])
    chosen = context.get(node.inputs[3])
    return context.emit("GATHER", [value, chosen], (*chosen.shape, value.shape[-1]), axis=0)


def _part(context: Lowering, value: Value, begin: int, size: int) -> Value:
    """Cut a stretch out of the last axis."""
    if size == value.shape[-1]:
        return value
    shape = (*value.shape[:-1], size)
    start = np.zeros(len(shape), np.int32)
    start[-1] = begin
    inputs = [
        value,
        context.builder.constant(start, "begin"),
        context.builder.integers(shape, "size"),
    ]
    return context.emit("SLICE", inputs, shape)


def _joined(context: Lowering, parts: list[Value]) -> Value:
    """Put values one behind the other along the last axis."""
    size = sum(part.shape[-1] for part in parts)
    shape = (*parts[0].shape[:-1], size)
    return context.emit("CONCATENATION", parts, shape, axis=len(shape) - 1)
