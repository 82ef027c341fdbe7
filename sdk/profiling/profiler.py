"""Profile a bundle: cut its model after every operator, and time what each cut adds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks import Inputs, capture_environment, random_inputs
from edgekit.benchmarks.profiling import (
    MachinePeaks,
    OperatorProfile,
    PartitionProfile,
    Profile,
    ProfileOptions,
)
from edgekit.benchmarks.profiling.peaks import measure_bandwidths
from edgekit.benchmarks.profiling.timing import time_in_turns
from edgekit.bundle import Bundle
from edgekit.converters.graph import Graph, Subgraph, read_graph
from edgekit.files import sha256_bytes
from edgekit.profiling.compute_peak import PEAK_TYPES, measure_compute_peak
from edgekit.profiling.costs import macs, moved_bytes, multiplied_types
from edgekit.profiling.cutting import beginning, prefix
from edgekit.profiling.errors import ProfileError
from edgekit.profiling.partitions import delegate_partitions, execution_units
from edgekit.progress import ProfileStage, Progress, SilentProgress
from edgekit.runtime import open_interpreter

__all__ = ["profile"]

# How many bytes of models may be loaded at a time; weights are packed once more when loaded.
_MAX_LOADED_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Models that end after each operator.

    Attributes:
        order: Indices of operators, in the order in which they are added.
        partitions: Runs of ``order`` that a delegate executes as one.
        contents: The model before the first operator, then after each.
    """

    order: tuple[int, ...]
    partitions: tuple[tuple[int, ...], ...]
    contents: tuple[bytes, ...]


def profile(
    bundle: Bundle | str | Path,
    options: ProfileOptions | None = None,
    *,
    inputs: Inputs | None = None,
    peaks: bool = True,
    progress: Progress | None = None,
) -> Profile:
    """Return what each operator of a bundle's model costs on this machine.

    Method: the model is cut after each operator, which gives models that end there and give
    out what the rest would read. In each round all of them are loaded anew and run in turns, in
    an order that is drawn anew; an operator's time is the median over rounds of the difference
    between the model that ends with it and the one that ends before it. So each operator runs
    where it runs in the whole, with caches as its predecessors leave them, and without anything
    inside of the interpreter being touched.

    Where a delegate such as XNNPACK runs several operators as one, cuts inside of that
    partition change what it can fuse: an operator's time is then what the partition takes
    longer for having it. Cuts at the borders of a partition do not, which is why partitions are
    profiled as well.

    Args:
        bundle: An open bundle, or the path of one.
        options: How long and with what.
        inputs: Raw arrays by the names of the inputs; random ones by default.
        peaks: Whether to measure what the machine can do at best.
        progress: Hears how far it is.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        ProfileError: The model has branches, or no operators.
        InterpreterError: The interpreter refuses the model.
    """
    opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
    options = ProfileOptions() if options is None else options
    progress = SilentProgress() if progress is None else progress
    name = opened.manifest.name
    given = inputs or random_inputs(opened.manifest.inputs, seed=options.seed)[0]
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    progress.stage(ProfileStage.CUT)
    graph = _readable(name, opened.model)
    interpreter, backend = open_interpreter(
        opened.model, threads=options.threads, kernels=options.kernels
    )
    cuts = _cut(graph, delegate_partitions(graph.main, interpreter))
    progress.stage(ProfileStage.MEASURE)
    ends, whole = _timed(opened.model, cuts.contents, given, options, progress)
    progress.stage(ProfileStage.PEAKS)
    return Profile(
        model=name,
        model_sha256=sha256_bytes(opened.model),
        inputs="given" if inputs else f"random, seed {options.seed}",
        started_at=started_at,
        options=options,
        environment=capture_environment(backend),
        operators=_operators(graph, cuts, ends),
        partitions=_partitions(graph, cuts, ends),
        call_us=tuple(ends[:, 0].tolist()),
        whole_us=tuple(whole.tolist()),
        peaks=_peaks(graph, options) if peaks else None,
    )


def _readable(name: str, content: bytes) -> Graph:
    graph = read_graph(content)
    if len(graph.subgraphs) > 1:
        raise ProfileError(
            name,
            f"it has {len(graph.subgraphs)} subgraphs, for branches or loops",
            hint="profile a model without If, While and the like",
        )
    if not graph.main.operators:
        raise ProfileError(name, "it has no operators")
    return graph


def _cut(graph: Graph, partitions: Sequence[Sequence[int]]) -> _Cuts:
    main = graph.main
    units = execution_units(main, partitions)
    order = tuple(index for unit in units for index in unit)
    operators = [main.operators[index] for index in order]
    contents = [prefix(graph, operators[: count + 1]) for count in range(len(operators))]
    shared = {tuple(partition) for partition in partitions}
    return _Cuts(
        order, tuple(unit for unit in units if unit in shared), (beginning(graph), *contents)
    )


def _timed(
    model: bytes,
    contents: Sequence[bytes],
    inputs: Inputs,
    options: ProfileOptions,
    progress: Progress,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the latency of each cut and of the whole, by rounds; all in microseconds.

    As many as may be loaded at a time run in turns. Neighbouring groups share a cut, so that
    every difference is one within a group.
    """
    ends = np.zeros((options.rounds, len(contents)))
    whole = np.zeros(options.rounds)
    first = 0
    while first < len(contents) - 1:
        last = _last_of_group(contents, first)
        progress.advance(first, len(contents))
        group = [*contents[first : last + 1], model]
        medians = time_in_turns(group, inputs, options)
        # A group's first cut was measured by the group before: its level is taken from there.
        shift = ends[:, [first]] - medians[:, [0]] if first else 0.0
        ends[:, first : last + 1] = medians[:, :-1] + shift
        whole = medians[:, -1]
        first = last
    return ends, whole


def _last_of_group(contents: Sequence[bytes], first: int) -> int:
    last, loaded = first + 1, len(contents[first]) + len(contents[first + 1])
    while last + 1 < len(contents) and loaded + len(contents[last + 1]) <= _MAX_LOADED_BYTES:
        last += 1
        loaded += len(contents[last])
    return last


def _operators(graph: Graph, cuts: _Cuts, ends: NDArray[np.float64]) -> tuple[OperatorProfile, ...]:
    added = np.diff(ends, axis=1)
    home = {index: number for number, unit in enumerate(cuts.partitions) for index in unit}
    return tuple(
        OperatorProfile(
            index=index,
            kind=graph.main.operators[index].kind,
            output=_output(graph.main, index),
            partition=home.get(index),
            macs=macs(graph, [index]),
            moved_bytes=moved_bytes(graph, [index]),
            added_us=tuple(added[:, position].tolist()),
        )
        for position, index in enumerate(cuts.order)
    )


def _partitions(
    graph: Graph, cuts: _Cuts, ends: NDArray[np.float64]
) -> tuple[PartitionProfile, ...]:
    rows = []
    for unit in cuts.partitions:
        before = cuts.order.index(unit[0])
        added = ends[:, before + len(unit)] - ends[:, before]
        rows.append(
            PartitionProfile(unit, macs(graph, unit), moved_bytes(graph, unit), (*added.tolist(),))
        )
    return tuple(rows)


def _output(main: Subgraph, index: int) -> str:
    return main.tensors[main.operators[index].outputs[0]].name


def _peaks(graph: Graph, options: ProfileOptions) -> MachinePeaks:
    types = [dtype for dtype in multiplied_types(graph) if dtype in PEAK_TYPES]
    return MachinePeaks(
        tuple(measure_compute_peak(dtype, options) for dtype in types), measure_bandwidths()
    )
