"""Rung: cross-layer equalization, so that the channels of a tensor use its one grid alike.

Source: M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction", ICCV 2019, section 4.1: between two layers, ``f(x / s) * s = f(x)`` for a positive
factor per channel, so the first layer's outputs may be divided by ``s`` and the second's weights
multiplied. There the factors even out the weights of both layers. Here weights have a scale for
each output channel, so the first layer's may differ as they like; what its channels share is the
grid of the activations. Their observed ranges take the place of its weights, as in G. Xiao et
al., "SmoothQuant", 2023, section 4, with alpha 1/2.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgekit.converters.accuracy.bench import Bench, noise_of
from edgekit.converters.accuracy.chains import (
    OUTPUT_AXIS,
    Chain,
    find_chains,
    input_factors,
    scale_inputs,
    scale_outputs,
)
from edgekit.converters.accuracy.rung import Step
from edgekit.converters.graph import Graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.quantize.recipe import Recipe

__all__ = ["Equalization"]

Floats = npt.NDArray[np.float64]

_SUFFIX = "/equalized"
_MOST = 1000.0  # a factor: int8 holds nothing that is finer than that
_PROBES = 8
_LEAST_DB = 90.0  # of the float outputs against those before; rounding alone leaves over 100


@dataclass(frozen=True, slots=True)
class Equalization:
    """Evens out the channels between weighted layers; float outputs stay what they were.

    Chains in which training chose a grid are left alone. Biases are corrected for the error of
    rounded weights by the quantizer itself, here as in the plain recipe. Tensors whose channels
    were scaled get other names, for they no longer hold the source's values.
    """

    name: str = "equalization"

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Equalize every chain, prove that float outputs stayed, and observe anew."""
        builder = GraphBuilder.of(recipe.graph, recipe.origins)
        trained = recipe.choices.grids.keys()
        chains = [chain for chain in find_chains(builder) if not trained & chain.names]
        if not chains:
            return Step(recipe, (), "no weighted layers with only ReLU or pooling between them")
        largest = _channel_maxima(recipe.graph, chains, bench)
        dense = recipe.request.per_channel_dense
        for chain in chains:
            _equalize(builder, chain, largest[chain.between[0].name], dense)
        renamed = {v.name: f"{v.name}{_SUFFIX}" for chain in chains for v in chain.between}
        for value in {v for chain in chains for v in chain.between}:
            value.name = renamed[value.name]
        graph = replace(recipe.graph, subgraphs=builder.finish(recipe.graph.main.name).subgraphs)
        probes = bench.first(_PROBES)
        noise = noise_of(*(bench.float_outputs(item, probes) for item in (recipe.graph, graph)))
        if noise > 10.0 ** (-_LEAST_DB / 10.0):
            return Step(recipe, (), f"float outputs would change (noise to signal {noise:.1e})")
        origins = {renamed.get(name, name): node for name, node in recipe.origins.items()}
        # Methods that were chosen for a tensor say nothing of it with other channels.
        methods = {name: item for name, item in recipe.methods.items() if name not in renamed}
        changed = replace(
            recipe,
            graph=graph,
            seen=bench.observe(graph, recipe.request, methods),
            origins=origins,
            methods=methods,
        )
        layers = [chain.first.outputs[0].origin or chain.between[0].name for chain in chains]
        return Step(changed, tuple(dict.fromkeys(layers)), f"between {len(chains)} layers")


def _equalize(builder: GraphBuilder, chain: Chain, largest: Floats, dense: bool) -> None:
    """Divide the channels by a factor, and multiply the weights that read them."""
    factors = _factors(chain, largest, dense)
    scale_outputs(builder, chain.first, 1.0 / factors)
    for node in chain.readers:
        scale_inputs(builder, node, factors)


def _factors(chain: Chain, largest: Floats, dense: bool) -> Floats:
    """Return by what each channel is divided.

    With ``g`` the share that a channel has of a grid (its largest magnitude over that of all), a
    factor ``sqrt(g_before / g_after)`` gives it the same share of the grids before (the
    activations, and the first layer's weights where they have one scale) and after (the
    weights that read it). A depthwise layer has a scale for each channel: nothing to share, so
    the activations are evened out entirely.
    """
    before = _shares(largest)
    if not _per_channel(chain.first, dense):
        before = np.sqrt(before * _shares(_row_maxima(chain.first)))
    after = np.zeros_like(before)
    for node in chain.readers:
        if node.kind != "DEPTHWISE_CONV_2D":
            columns = _column_shares(node, len(before), _per_channel(node, dense))
            after = np.maximum(after, columns)
    # Channels that are zero, or whose readers are, have nothing to even out.
    known = (before > 0) & (after > 0)
    factors = np.where(known, np.sqrt(before / np.where(known, after, 1.0)), before)
    factors = np.where(before > 0, factors, 1.0)
    return np.clip(factors, 1.0 / _MOST, _MOST)


def _per_channel(node: Node, dense: bool) -> bool:
    return dense or node.kind != "FULLY_CONNECTED"


def _shares(values: Floats) -> Floats:
    whole = float(values.max(initial=0.0))
    return values / whole if whole else values


def _row_maxima(node: Node) -> Floats:
    """Return the largest weight of each output channel."""
    weights = _weights(node)
    axis = OUTPUT_AXIS[node.kind]
    others = tuple(index for index in range(weights.ndim) if index != axis)
    maxima: Floats = np.max(np.abs(weights), axis=others)
    return maxima


def _column_shares(node: Node, channels: int, per_channel: bool) -> Floats:
    """Return the largest share that the weights of each input channel have of their grid."""
    weights = np.abs(_weights(node))
    rows = _row_maxima(node).reshape([-1] + [1] * (weights.ndim - 1))
    whole = np.where(rows > 0, rows, 1.0) if per_channel else max(float(rows.max()), 1e-30)
    numbers = np.broadcast_to(
        input_factors(node, np.arange(channels, dtype=np.float64)), weights.shape
    )
    found = np.zeros(channels)
    np.maximum.at(found, numbers.astype(np.int64), weights / whole)
    return found


def _weights(node: Node) -> Floats:
    value = node.inputs[1]
    assert value is not None
    assert value.data is not None
    return value.data.astype(np.float64)


def _channel_maxima(graph: Graph, chains: list[Chain], bench: Bench) -> dict[str, Floats]:
    """Return the largest magnitude of each channel that a chain scales, on all samples."""
    wanted = {chain.between[0].name for chain in chains}
    indices = {tensor.name: tensor.index for tensor in graph.main.tensors if tensor.name in wanted}
    runner = bench.open(write_graph(graph), keep_inner=True)
    found: dict[str, Floats] = {}
    for sample in bench.samples:
        runner.run(sample)
        for name, values in runner.inner_tensors(indices).items():
            rows = np.abs(values.astype(np.float64)).reshape(-1, values.shape[-1])
            found[name] = np.maximum(found.get(name, 0.0), rows.max(axis=0, initial=0.0))
    return found
