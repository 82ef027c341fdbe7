"""Run the same model by several engines in turns, and hold their outputs against each other."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil

import numpy as np

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.checking import OutputCheck, Outputs, check_outputs
from edgekit.benchmarks.engines.engine import EngineDescription, Form
from edgekit.benchmarks.engines.errors import EngineFailedError, EngineUnavailableError
from edgekit.benchmarks.engines.options import EngineOptions
from edgekit.benchmarks.engines.process import EngineProcess
from edgekit.benchmarks.engines.registry import engine_names
from edgekit.benchmarks.engines.row import Block, EngineRow
from edgekit.benchmarks.engines.table import EngineTable
from edgekit.benchmarks.environment import capture_environment
from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.errors import EdgekitError, UnknownNameError
from edgekit.files import sha256_bytes
from edgekit.progress import EngineStage, Progress, SilentProgress
from edgekit.runtime import Backend, Kernels

__all__ = ["MAX_BLOCK_RUNS", "measure_engines"]

MAX_BLOCK_RUNS = 200
# How many runs tell how long one takes: the quickest of them, as the others may be disturbed.
_PROBE_RUNS = 5
# The part of a block that runs before the counted runs and is not counted.
_UNCOUNTED = 0.1


@dataclass(slots=True)
class _Entrant:
    """An engine that is ready, and what is known of it so far."""

    name: str
    process: EngineProcess
    description: EngineDescription
    prepare_us: float
    first_inference_us: float
    outputs: Outputs
    count: int
    every: int
    reload_every: int
    load: int = 0
    blocks: list[Block] = field(default_factory=list)
    peak_rss_bytes: int | None = None
    error: EdgekitError | None = None


def measure_engines(
    case: EngineCase,
    engines: Sequence[str] | None = None,
    options: EngineOptions | None = None,
    *,
    inputs: str = "given",
    source: str | None = None,
    progress: Progress | None = None,
) -> EngineTable:
    """Run one model by several engines and return the table.

    Method: each engine is loaded in a process of its own and runs every sample once, which
    gives the outputs that are compared and is its warm-up. Then come rounds: in each, every
    engine loads the model anew, because where its memory happens to lie moves a latency by
    some per cent, and runs one block back to back while the others wait, in an order that is
    drawn anew. The first tenth of a block is not counted.

    Args:
        case: The model and the samples.
        engines: Names in the order of the table; all that there are by default.
        options: How long and with what.
        inputs: What the samples are, in words.
        source: File name of the source, None where there is none.
        progress: Hears how far it is.

    Raises:
        UnknownNameError: There is no such engine.
        InvalidOptionError: An engine is named twice, or there are no samples.
    """
    options = EngineOptions() if options is None else options
    progress = SilentProgress() if progress is None else progress
    case = replace(case, threads=options.threads)
    names = _checked(case, engines)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    backend = Backend("several engines", "see each row", Kernels.DEFAULT, options.threads)
    environment = capture_environment(backend)
    refused: dict[str, EdgekitError] = {}
    with ExitStack() as stack:
        progress.stage(EngineStage.LOAD)
        entrants = []
        for index, name in enumerate(names):
            progress.advance(index, len(names))
            try:
                entrants.append(stack.enter_context(_started(name, case, options)))
            except EdgekitError as error:
                refused[name] = error
        progress.stage(EngineStage.MEASURE)
        _run_rounds(entrants, options, progress)
    ready = {entrant.name: entrant for entrant in entrants if entrant.error is None}
    refused.update({item.name: item.error for item in entrants if item.error is not None})
    rows = tuple(
        _row(ready[name], _checks(case, ready[name], [*ready.values()]))
        if name in ready
        else _refused(name, refused[name])
        for name in names
    )
    return EngineTable(
        model=case.name,
        model_sha256=sha256_bytes(case.model),
        source=source,
        inputs=inputs,
        started_at=started_at,
        options=options,
        environment=environment,
        rows=rows,
    )


def _checked(case: EngineCase, engines: Sequence[str] | None) -> tuple[str, ...]:
    known = engine_names()
    names = known if engines is None else tuple(engines)
    for name in names:
        if name not in known:
            raise UnknownNameError("engine", name, known)
    if len({*names}) != len(names) or not names:
        raise InvalidOptionError("engines", ", ".join(names), "names, each once")
    if not case.samples:
        raise InvalidOptionError("samples", "empty", "at least one set of inputs")
    return names


@contextmanager
def _started(name: str, case: EngineCase, options: EngineOptions) -> Iterator[_Entrant]:
    """Start an engine's process, load the model, warm up, and size its blocks."""
    with EngineProcess(name, case, timeout_seconds=options.timeout_seconds) as process:
        process.prepare()
        description, prepare_us = process.ask("describe")
        (first_us,) = process.ask("block", 1, 0)
        outputs = process.ask("outputs")
        latency_us = first_us
        if first_us < options.block_seconds * 1e6:
            latency_us = min(process.ask("block", _PROBE_RUNS, 1))
        count = max(1, min(MAX_BLOCK_RUNS, int(options.block_seconds * 1e6 / latency_us)))
        total_seconds = options.rounds * count * latency_us / 1e6
        reload_seconds = options.rounds * process.ask("reload")
        yield _Entrant(
            name=name,
            process=process,
            description=description,
            prepare_us=prepare_us,
            first_inference_us=first_us,
            outputs=outputs,
            count=count,
            every=min(options.rounds, ceil(total_seconds / options.max_seconds)),
            reload_every=ceil(reload_seconds / options.max_seconds),
        )


def _run_rounds(entrants: list[_Entrant], options: EngineOptions, progress: Progress) -> None:
    generator = np.random.default_rng(options.seed)
    for number in range(options.rounds):
        progress.advance(number, options.rounds)
        for index in generator.permutation(len(entrants)):
            entrant = entrants[index]
            if entrant.error is None and number % entrant.every == 0:
                _run_block(entrant, number)
    for entrant in entrants:
        if entrant.error is None:
            entrant.peak_rss_bytes = entrant.process.ask("peak_rss_bytes")


def _run_block(entrant: _Entrant, number: int) -> None:
    uncounted = ceil(entrant.count * _UNCOUNTED) if entrant.count > 1 else 0
    try:
        if number and number % entrant.reload_every == 0:
            entrant.process.ask("reload")
            entrant.load += 1
        samples = entrant.process.ask("block", entrant.count, uncounted)
    except EdgekitError as error:
        entrant.error = error
    else:
        entrant.blocks.append(Block(number, entrant.load, tuple(samples)))


def _checks(
    case: EngineCase, entrant: _Entrant, entrants: list[_Entrant]
) -> tuple[OutputCheck, ...]:
    """Hold an engine against the first that ran the same form, and against the float source."""
    form = entrant.description.form
    same = next(item for item in entrants if item.description.form is form)
    floats = (item for item in entrants if item.description.form is Form.FLOAT)
    references = {item.name: item for item in (same, next(floats, entrants[0]))}
    return tuple(
        check_outputs(case, name, (other.description.form, form), other.outputs, entrant.outputs)
        for name, other in references.items()
        if other is not entrant
    )


def _row(entrant: _Entrant, checks: tuple[OutputCheck, ...]) -> EngineRow:
    return EngineRow(
        engine=entrant.name,
        description=entrant.description,
        prepare_us=entrant.prepare_us,
        first_inference_us=entrant.first_inference_us,
        peak_rss_bytes=entrant.peak_rss_bytes,
        blocks=tuple(entrant.blocks),
        checks=checks,
    )


def _refused(name: str, error: EdgekitError) -> EngineRow:
    # The row has the engine's name already.
    if isinstance(error, EngineUnavailableError | EngineFailedError):
        return EngineRow(name, error.why, error.hint)
    return EngineRow(name, error.message, error.hint)
