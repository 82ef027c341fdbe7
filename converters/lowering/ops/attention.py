"""Attention, written out: scaled products, masks, softmax, in one or several groups of heads."""

import math
from dataclasses import dataclass

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.attention_mask import LOW, Mask, read_mask
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.matrix import batch_matmul
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_KNOWN = frozenset(
    "is_causal kv_num_heads q_num_heads qk_matmul_output_mode scale softcap "
    "softmax_precision".split()
)
_FLOAT, _DOUBLE = 1, 11  # ONNX's TensorProto.DataType
_PAST = 4  # input position of past_key


@dataclass(frozen=True, slots=True)
class _Heads:
    """Query, key and value as ``[batch, heads, length, size]``."""

    query: Value
    key: Value
    value: Value

    @property
    def groups(self) -> int:
        """How many query heads share a head of keys and values."""
        return self.query.shape[1] // self.key.shape[1]


@lowers("Attention")
def attention(context: Lowering, node: SourceNode) -> None:
    """Lower scaled dot product attention with any mask, cache, soft cap or grouping of heads.

    Rows of which nothing may be attended give zeros.
    """
    unknown = sorted(set(node.attributes) - _KNOWN)
    if unknown or node.integer("softmax_precision", _FLOAT) not in (_FLOAT, _DOUBLE):
        what = ", ".join(unknown) or "softmax_precision"
        raise RefusedError(node, f"attribute {what} is not supported", hint="write it as a mask")
    require_kernel(node, "BATCH_MATMUL", context.dtype(node.inputs[0]))
    heads = _open(context, node)
    mask = read_mask(context, node, heads.query.shape[2], heads.key.shape[2])
    scores = _scores(context, node, heads)
    mode = node.integer("qk_matmul_output_mode", 0)
    stages = [scores]
    softcap = node.number("softcap", 0.0)
    scores = (scores * (1.0 / softcap)).unary("TANH") * softcap if softcap else scores
    stages.append(scores)
    wanted = node.outputs[3] if len(node.outputs) > 3 else ""
    if wanted and mode == 2:
        stages.append(mask.added_exactly(scores))
    weights = _weights(mask, scores)
    if wanted:
        context.set(wanted, weights.value if mode == 3 else stages[mode].value)
    _close(context, node, _weighted(context, heads, weights))


def _open(context: Lowering, node: SourceNode) -> _Heads:
    """Split heads and append to the cache, whose new state are outputs."""
    names = node.inputs[:3]
    counts = [node.integer("q_num_heads", 0), *[node.integer("kv_num_heads", 0)] * 2]
    opened = [_split(context, *item) for item in zip(names, counts, strict=True)]
    for position in (1, 2):
        past = _PAST + position - 1
        if node.has(past):
            parts = [context.get(node.inputs[past]), opened[position]]
            shape = list(parts[1].shape)
            shape[2] += parts[0].shape[2]
            opened[position] = context.emit("CONCATENATION", parts, shape, axis=2)
        if len(node.outputs) > position and node.outputs[position]:
            context.set(node.outputs[position], opened[position])
    return _Heads(*opened)


def _split(context: Lowering, name: str, heads: int) -> Value:
    value = context.get(name)
    if len(value.shape) == 4:
        return value
    batch, length, size = value.shape
    return context.transpose(
        context.reshape(value, (batch, length, heads, size // heads)), (0, 2, 1, 3)
    )


def _scores(context: Lowering, node: SourceNode, heads: _Heads) -> Formula:
    scale = node.number("scale", 0.0) or 1.0 / math.sqrt(heads.query.shape[-1])
    query = (Formula(context, heads.query) * scale).value
    product = batch_matmul(context, _grouped(context, heads, query), heads.key, adj_y=True)
    shape = (*heads.query.shape[:3], heads.key.shape[2])
    return Formula(context, context.reshape(product, shape))


def _grouped(context: Lowering, heads: _Heads, value: Value) -> Value:
    """Lay the query heads that share keys one behind the other along the length."""
    batch, count, length, size = value.shape
    return context.reshape(value, (batch, count // heads.groups, heads.groups * length, size))


def _weights(mask: Mask, scores: Formula) -> Formula:
    """Return the softmax of the masked scores."""
    masked = mask.added(scores)
    weights = masked.unary("SOFTMAX", beta=1.0)
    if mask.is_known:
        rows = mask.attended_rows()
        return weights if rows is None else weights * rows
    some = masked.reduce("REDUCE_MAX", [3]).binary("GREATER", LOW / 2)
    return some.where(weights, 0.0)


def _weighted(context: Lowering, heads: _Heads, weights: Formula) -> Value:
    product = batch_matmul(context, _grouped(context, heads, weights.value), heads.value)
    return context.reshape(product, (*heads.query.shape[:3], heads.value.shape[3]))


def _close(context: Lowering, node: SourceNode, value: Value) -> None:
    """Put the heads together where the query had them together."""
    name = node.outputs[0]
    if context.rank(name) == 3:
        value = context.reshape(context.transpose(value, (0, 2, 1, 3)), context.shape(name))
    context.set(name, value)
