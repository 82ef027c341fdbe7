"""Permutations of channels go into the weights next to them."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.interface import rearranged
from edgekit.converters.lowering.passes.matching import Matcher
from edgekit.converters.lowering.passes.transposes import permutation_of

__all__ = ["permute_dense_inputs", "permute_filters"]

_Indices = npt.NDArray[np.int64]
# Position of the bias; output channels are the first axis of the weights of all of these.
_BIAS = {"CONV_2D": 2, "FULLY_CONNECTED": 2, "TRANSPOSE_CONV": 3}
_PER_CHANNEL = tuple(
    "ABS AVERAGE_POOL_2D ELU EXP GELU HARD_SWISH LEAKY_RELU LOGISTIC MAX_POOL_2D NEG RELU RELU6 "
    "SQRT TANH".split()
)


def permute_dense_inputs(builder: GraphBuilder) -> bool:
    """Let FULLY_CONNECTED read flattened data in the order they are in.

    Flattening channels-last data in the source's order takes a transposition; its weights are
    permuted instead. Requires known weights, and that nobody else reads the transposed data.
    Ensures the same values.
    """
    matcher = Matcher(builder)
    for node in builder.nodes:
        if node.kind != "FULLY_CONNECTED":
            continue
        flat = matcher.private_maker(node.inputs[0], node, "RESHAPE")
        moved = matcher.private_maker(flat.inputs[0], flat, "TRANSPOSE") if flat else None
        weights = node.inputs[1]
        if flat is None or moved is None or weights is None or weights.data is None:
            continue
        source = moved.inputs[0]
        columns = _columns(moved, weights.shape[1]) if source is not None else None
        if columns is None:
            continue
        flat.inputs[0] = source
        permuted = np.empty_like(weights.data)
        permuted[:, columns] = weights.data
        node.inputs[1] = builder.constant(permuted, weights.name, rearranged(weights.link))
        flat.outputs[0].link = rearranged(flat.outputs[0].link)
        builder.nodes.remove(moved)
        return True
    return False


def _columns(node: Node, count: int) -> _Indices | None:
    """Return for each column after a transposition where it stood before.

    None where the last axes that make ``count`` columns are not permuted among themselves.
    """
    order = permutation_of(node)
    assert order is not None
    assert node.inputs[0] is not None
    shape = node.inputs[0].shape
    for start in range(len(shape)):
        if math.prod(shape[start:]) == count and order[:start] == tuple(range(start)):
            inner = [axis - start for axis in order[start:]]
            places = np.arange(count).reshape(shape[start:])
            return places.transpose(inner).reshape(-1)
    return None


def permute_filters(builder: GraphBuilder) -> bool:
    """Put a choice of channels, a GATHER along the last axis, into the weights that make them.

    Operators in between that treat every channel alike keep their place. Requires known
    weights, and nobody else reading what is in between. Ensures the same values.
    """
    matcher = Matcher(builder)
    for node in builder.nodes:
        channels = _chosen(node)
        if channels is None:
            continue
        chain = [node]
        while (maker := _before(matcher, chain[-1], _PER_CHANNEL)) is not None:
            chain.append(maker)
        maker = _before(matcher, chain[-1], tuple(_BIAS))
        if maker is None or not _is_dense(maker):
            continue
        _take(builder, maker, channels)
        for item in (maker, *chain[1:]):
            (output,) = item.outputs
            output.shape, output.link = (*output.shape[:-1], len(channels)), None
        (chain[1] if len(chain) > 1 else maker).outputs = node.outputs
        builder.nodes.remove(node)
        return True
    return False


def _chosen(node: Node) -> _Indices | None:
    """Return the channels that an operator chooses, None where it does something else."""
    given, places = node.inputs if node.kind == "GATHER" else (None, None)
    if given is None or places is None or places.data is None or places.data.ndim != 1:
        return None
    if node.options.get("axis") != len(given.shape) - 1 or len(given.shape) == 1:
        return None
    if node.options.get("batch_dims"):
        return None
    return places.data.astype(np.int64)


def _before(matcher: Matcher, node: Node, kinds: Sequence[str]) -> Node | None:
    return matcher.private_maker(node.inputs[0], node, kinds)


def _is_dense(node: Node) -> bool:
    """Whether every output channel reads every input channel, through known weights."""
    weights, value = node.inputs[1], node.inputs[2 if node.kind == "TRANSPOSE_CONV" else 0]
    bias = node.inputs[_BIAS[node.kind]] if len(node.inputs) > _BIAS[node.kind] else None
    if weights is None or value is None or weights.data is None:
        return False
    return weights.shape[-1] == value.shape[-1] and (bias is None or bias.is_constant)


def _take(builder: GraphBuilder, node: Node, channels: _Indices) -> None:
    for place in (1, _BIAS[node.kind]):
        value = node.inputs[place] if len(node.inputs) > place else None
        if value is not None and value.data is not None:
            chosen = np.ascontiguousarray(value.data[channels])
            node.inputs[place] = builder.constant(chosen, value.name, rearranged(value.link))
