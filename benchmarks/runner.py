"""The method of the benchmark: load, first inference, idle, warm-up, then windows of runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.host import HostTarget
from edgekit.benchmarks.inputs import feeds_for
from edgekit.benchmarks.observing import Instant, RunObserver
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.result import BenchmarkResult
from edgekit.benchmarks.running import run_checked
from edgekit.benchmarks.system_state import SystemState
from edgekit.benchmarks.target import Inputs, Session, Target
from edgekit.benchmarks.thinning import Thinning
from edgekit.benchmarks.window import Window
from edgekit.bundle import Bundle
from edgekit.files import sha256_bytes
from edgekit.progress import BenchmarkStage, Progress, SilentProgress

__all__ = ["InterruptedBenchmark", "benchmark"]

# How long one call of Session.run shall take: long against its overhead, short against a wait.
_BATCH_US = 1e5


class InterruptedBenchmark(KeyboardInterrupt):
    """Ctrl-C after at least one whole window.

    Attributes:
        partial: What the whole windows gave; its `unstable_reasons` say that some are missing.
    """

    def __init__(self, partial: BenchmarkResult) -> None:
        super().__init__()
        self.partial = partial


def benchmark(
    bundle: Bundle | str | Path,
    target: Target | None = None,
    options: BenchmarkOptions | None = None,
    *,
    inputs: Sequence[Inputs] = (),
    observers: Sequence[RunObserver] = (),
    progress: Progress | None = None,
) -> BenchmarkResult:
    """Run a bundle on a target and return how long it took, with the raw samples.

    Method, after MLPerf Tiny: load the model; run it once (the first inference); let observers
    see the target idle; warm up; then run ``options.windows`` windows, each until both
    ``window_seconds`` and ``window_runs`` are reached. Nothing is discarded after the warm-up.

    Args:
        bundle: An open bundle, or the path of one.
        target: Where to run it; this machine by default.
        options: How long, and with what.
        inputs: Raw arrays by the names of the inputs, one mapping for each sample; they are
            taken in turn. Random ones by default: see `edgekit.benchmarks.random_inputs`.
        observers: Are told when the target is idle and when windows begin and end.
        progress: Is told how far it is, between the runs.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        InvalidOptionError: A sample lacks an input or has one that the model does not.
        TargetError: The target failed or broke its contract.
        InterruptedBenchmark: Ctrl-C after at least one whole window, which it carries.
    """
    opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
    target = HostTarget() if target is None else target
    options = BenchmarkOptions() if options is None else options
    progress = SilentProgress() if progress is None else progress
    feeds, description = feeds_for(opened.manifest.inputs, inputs, seed=options.seed)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    progress.stage(BenchmarkStage.LOAD)
    session = target.prepare(opened, feeds, options)
    try:
        first = float(run_checked(target, session, 1)[0])
        for observer in observers:
            observer.idle()
        progress.stage(BenchmarkStage.WARM_UP)
        warm_up = _Runs(target, session, options.warmup_seconds, options.warmup_runs, first)
        warmup_runs = sum(len(batch) for batch in warm_up.batches())
        environment = session.environment()
        progress.stage(BenchmarkStage.MEASURE)
        measuring = _Measuring(target, session, options, observers, progress, warm_up.latest_us)
        interrupted = measuring.run()
        result = BenchmarkResult(
            model=opened.manifest.name,
            model_sha256=sha256_bytes(opened.model),
            target=target.name,
            provenance=target.provenance,
            inputs=description,
            started_at=started_at,
            options=options,
            environment=environment,
            load_us=session.load_us,
            first_inference_us=first,
            warmup_runs=warmup_runs,
            windows=tuple(measuring.windows),
            states=tuple(measuring.states),
            peak_rss_bytes=session.peak_rss_bytes(),
        )
    finally:
        session.close()
    if interrupted is not None:
        raise InterruptedBenchmark(result) from interrupted
    return result


@dataclass
class _Runs:
    """Runs in batches until the latencies add up to ``min_seconds`` and are ``min_runs``."""

    target: Target
    session: Session
    min_seconds: float
    min_runs: int
    latest_us: float
    total_us: float = 0.0
    runs: int = 0

    def batches(self) -> Iterator[NDArray[np.float64]]:
        wanted_us = self.min_seconds * 1e6
        while self.total_us < wanted_us or self.runs < self.min_runs:
            count = max(1, int(_BATCH_US / self.latest_us))
            missing = (wanted_us - self.total_us) / self.latest_us
            count = min(count, max(1, ceil(missing), self.min_runs - self.runs))
            batch = run_checked(self.target, self.session, count)
            taken_us = float(batch.sum())
            self.total_us += taken_us
            self.runs += count
            self.latest_us = taken_us / count
            yield batch


class _Measuring:
    """The measured part: windows, and the state of the machine around them."""

    def __init__(
        self,
        target: Target,
        session: Session,
        options: BenchmarkOptions,
        observers: Sequence[RunObserver],
        progress: Progress,
        latest_us: float,
    ) -> None:
        self._target, self._session, self._options = target, session, options
        self._observers, self._progress = observers, progress
        self._latest_us = latest_us
        self._begun_ns: int | None = None
        self.windows: list[Window] = []
        self.states: list[SystemState] = []

    def run(self) -> KeyboardInterrupt | None:
        """Run all windows, or as many as there are before Ctrl-C, which is returned."""
        thinning = Thinning(self._options.seed)
        try:
            self._note_state()
            for _ in range(self._options.windows):
                window = self._window(thinning)
                self._note_state()
                self.windows.append(window)
        except KeyboardInterrupt as interrupt:
            if not self.windows:
                raise
            del self.states[len(self.windows) + 1 :]
            return interrupt
        return None

    def _note_state(self) -> None:
        state = self._session.system_state()
        if state is not None:
            self.states.append(state)

    def _window(self, thinning: Thinning) -> Window:
        options = self._options
        runs = _Runs(
            self._target,
            self._session,
            options.window_seconds,
            options.window_runs,
            self._latest_us,
        )
        samples: list[float] = []
        thinning.expect(options.window_seconds * 1e6 / self._latest_us)
        begin = Instant.now()
        for observer in self._observers:
            observer.window_started(begin)
        started_ns = Instant.now().perf_counter_ns
        for batch in runs.batches():
            samples += thinning.kept(batch)
            self._advance(runs.total_us)
        end = Instant.now()
        for observer in self._observers:
            observer.window_ended(end, runs.runs)
        self._latest_us = runs.latest_us
        self._begun_ns = started_ns if self._begun_ns is None else self._begun_ns
        return Window(
            started_s=(started_ns - self._begun_ns) / 1e9,
            seconds=(end.perf_counter_ns - started_ns) / 1e9,
            runs=runs.runs,
            total_us=runs.total_us,
            samples_us=tuple(samples),
        )

    def _advance(self, total_us: float) -> None:
        each = max(1, round(self._options.window_seconds * 1000))
        done = len(self.windows) * each + min(each, round(total_us / 1000))
        self._progress.advance(done, self._options.windows * each)
