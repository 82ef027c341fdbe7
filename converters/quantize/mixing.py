"""Which operators get int16 activations under the scheme mixed: those named, or the worst.

The automatic choice:

1. Each float tensor that an operator writes is rounded to the int8 grid of its range on the
   calibration samples (at most 16 of them). Its SQNR is what int8 loses at this tensor alone.
2. Source nodes are ranked by the least of these figures of their tensors. Choosing a node
   also chooses the source nodes that read its tensors, which would round them again.
3. The first 0, 1, 2, 4, ... nodes of the ranking are tried, up to those with which a quarter of
   all source nodes is chosen (but at least the worst one). Each trial is a whole model, whose
   outputs are compared with the float model's on the same samples.
4. The smallest choice is taken whose worst output is within half a decibel of the best trial.
"""

import fnmatch
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from edgekit.converters.graph import DataType, Subgraph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.parameters import (
    NARROW,
    quantize_values,
    real_values,
    without_sentinels,
)
from edgekit.converters.sources.base import Sample
from edgekit.errors import UnknownNameError

__all__ = ["MOST", "SAMPLES", "named_nodes", "worst_nodes"]

SAMPLES = 16
"""How many calibration samples choose."""

MOST = 0.25
"""The share of all source nodes that may be chosen, save that one always may."""

_LEVEL_DB = 0.5


def named_nodes(patterns: Sequence[str], origins: Mapping[str, str]) -> frozenset[str]:
    """Return the source nodes that patterns name, as messages do (``Conv 'stem'``) or bare.

    Args:
        patterns: As of a shell: ``*`` stands for anything.
        origins: Tensor name -> source node.

    Raises:
        UnknownNameError: A pattern that nothing fits.
    """
    nodes = {origin for origin in origins.values() if origin}
    found: set[str] = set()
    for pattern in patterns:
        fitting = {node for node in nodes if _fits(node, pattern)}
        if not fitting:
            raise UnknownNameError("node", pattern, (_bare(node) for node in nodes))
        found |= fitting
    return frozenset(found)


def worst_nodes(
    tflite: bytes,
    main: Subgraph,
    interfaces: tuple[Sequence[Interface], Sequence[Interface]],
    origins: Mapping[str, str],
    seen: Observations,
    samples: Sequence[Sample],
    make: Callable[[frozenset[str]], bytes],
    most: float = MOST,
) -> frozenset[str]:
    """Return the source nodes that lose most in int8, as the module says.

    Args:
        tflite: The float model.
        main: Its main subgraph.
        interfaces: Of its inputs and of its outputs.
        origins: Tensor name -> source node.
        seen: What calibration samples showed.
        samples: A few of those, in the source's layout.
        make: Quantizes with int16 at the nodes given.
        most: The share of all source nodes that may be chosen.
    """
    runner = TfliteRunner(tflite, *interfaces, keep_inner=True)
    written = {tensor.name: tensor.index for op in main.operators for tensor in main.outputs_of(op)}
    losses: dict[str, PairedSums] = {}
    expected = []
    for sample in samples:
        results = runner.run(sample)
        expected.append({name: values.copy() for name, values in results.items()})
        for name, values in runner.inner_tensors(written).items():
            if values.dtype.kind == "f" and name in seen.ranges:
                meant = without_sentinels(values)
                grid = NARROW.parameters(seen.ranges[name].low, seen.ranges[name].high)
                rounded = real_values(quantize_values(meant, grid, DataType.INT8), grid)
                losses.setdefault(name, PairedSums()).add(meant, rounded)
    best: list[tuple[float, frozenset[str]]] = []
    for chosen in _trials(main, origins, losses, most):
        trial = TfliteRunner(make(chosen), *interfaces)
        best.append((_worst_db(trial, samples, expected), chosen))
    highest = max(figure for figure, _ in best)
    return next(chosen for figure, chosen in best if figure >= highest - _LEVEL_DB)


def _trials(
    main: Subgraph, origins: Mapping[str, str], losses: Mapping[str, PairedSums], most: float
) -> Iterator[frozenset[str]]:
    """Yield growing choices of source nodes, the empty one first."""
    readers: dict[str, set[str]] = {}
    figures: dict[str, float] = {}
    for operator in main.operators:
        outputs = [tensor.name for tensor in main.outputs_of(operator)]
        node = origins.get(outputs[0], "")
        for tensor in main.inputs_of(operator):
            readers.setdefault(origins.get(tensor.name, ""), set()).add(node)
        for name in outputs:
            figure = losses[name].sqnr_db if name in losses else math.inf
            figures[node] = min(figure, figures.get(node, math.inf))
    figures.pop("", None)
    ranking = sorted(figures, key=lambda node: figures[node])
    choices = [frozenset[str]()]
    for node in ranking:
        more = choices[-1].union({node}, readers.get(node, set())) - {""}
        if len(more) > most * len(figures) and len(choices) > 1:
            break
        choices.append(more)
    tried = [0, *(2**power for power in range(len(choices).bit_length()))]
    yield from (choices[count] for count in tried if count < len(choices) - 1)
    yield choices[-1]


def _worst_db(
    runner: TfliteRunner, samples: Sequence[Sample], expected: Sequence[Mapping[str, np.ndarray]]
) -> float:
    """Return the SQNR of the worst float output."""
    sums: dict[str, PairedSums] = {}
    for sample, wanted in zip(samples, expected, strict=True):
        given = runner.run(sample)
        for name, values in wanted.items():
            if values.dtype.kind == "f":
                sums.setdefault(name, PairedSums()).add(values, given[name])
    return min((item.sqnr_db for item in sums.values()), default=0.0)


def _fits(node: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(node, pattern) or fnmatch.fnmatchcase(_bare(node), pattern)


def _bare(node: str) -> str:
    """Return the name in ``Conv 'name'``."""
    return node.partition("'")[2].rstrip("'") or node
