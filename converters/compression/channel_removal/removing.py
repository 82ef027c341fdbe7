"""Take out channels that are zero, constant or unread, and measure that nothing else changed."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.channel_removal.constants import known_channels
from edgekit.converters.compression.channel_removal.keeping import kept_channels
from edgekit.converters.compression.channel_removal.rewriting import drop_channels
from edgekit.converters.graph import Graph, keep_description, write_graph
from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.graph.macs import subgraph_macs
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import LoweredGraph
from edgekit.converters.lowering.lower import finished
from edgekit.converters.lowering.passes import clean_graph
from edgekit.converters.removed_channels import RemovedChannels
from edgekit.converters.sources.base import SourceModel, probe_sample
from edgekit.runtime.errors import InterpreterError

__all__ = ["LARGEST_DIFFERENCE", "remove_channels"]

LARGEST_DIFFERENCE = 1e-5
"""Of an output's largest magnitude: sums of fewer terms round differently, no more than that."""

_PROBES = ((0, False), (1, False), (2, True))  # seed, and whether values are positive


def remove_channels(
    source: SourceModel, graph: LoweredGraph
) -> tuple[LoweredGraph, RemovedChannels | None]:
    """Remove the channels that no output of a lowered model depends on.

    A channel goes where its weights are zero and what its bias makes of it can be added to the
    biases of all that read it, or where nobody reads it. Sources with trained integer grids stay
    as they are: a removed channel's constant was rounded to a grid, a bias is not.

    Args:
        source: Tells the inputs of the model.
        graph: Lowered and cleaned.

    Returns:
        The model, and what was removed; None where there was nothing.
    """
    if source.trained:
        return graph, None
    builder = GraphBuilder.of(graph.graph, graph.origins, graph.links)
    known = known_channels(builder)
    kept = kept_channels(builder, known)
    if all(flags.all() for flags in kept.values()):
        return graph, None
    counts = drop_channels(builder, kept, known)
    clean_graph(builder)
    smaller = finished(builder, graph.graph.main.name, graph.inputs, graph.outputs)
    smaller = replace(smaller, graph=keep_description(graph.graph, smaller.graph))
    difference = _difference(source, graph, smaller)
    removed = RemovedChannels(
        layers=counts,
        macs=(subgraph_macs(graph.graph.main), subgraph_macs(smaller.graph.main)),
        difference=difference,
        accepted=difference <= LARGEST_DIFFERENCE,
    )
    return (smaller if removed.accepted else graph), removed


def _difference(source: SourceModel, before: LoweredGraph, after: LoweredGraph) -> float:
    """Return the largest difference of outputs as a share of their largest magnitude."""
    whole = _runner(before, before.graph)
    try:
        runners = [whole, _runner(before, after.graph)]
    except InterpreterError:
        return math.inf
    worst = 0.0
    for seed, positive in _PROBES:
        sample = probe_sample(source.inputs, seed, positive=positive)
        expected, actual = (runner.run(sample) for runner in runners)
        for name, values in expected.items():
            worst = max(worst, _distance(values.astype(np.float64), actual[name]))
    return worst


def _distance(expected: npt.NDArray[Any], actual: npt.NDArray[Any]) -> float:
    """Return the largest difference over the largest magnitude; NaN equals NaN only."""
    finite = np.isfinite(expected)
    if not np.array_equal(expected[~finite], actual[~finite], equal_nan=True):
        return math.inf
    if not np.isfinite(actual[finite]).all():
        return math.inf
    largest = float(np.abs(expected[finite]).max(initial=0.0)) or 1.0
    return float(np.abs(expected - actual)[finite].max(initial=0.0)) / largest


def _runner(interface: LoweredGraph, graph: Graph) -> TfliteRunner:
    return TfliteRunner(write_graph(graph), interface.inputs, interface.outputs)
