"""Run two bundles in turns in one process, so that both see the same machine."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from edgekit.benchmarks.comparing.comparison import Comparison, Subject
from edgekit.benchmarks.comparing.groups import BlockGroup
from edgekit.benchmarks.comparing.options import CompareOptions
from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.host import HostTarget
from edgekit.benchmarks.inputs import feeds_for
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.running import run_checked
from edgekit.benchmarks.statistics import median
from edgekit.benchmarks.system_state import SystemState
from edgekit.benchmarks.target import Inputs, Session, Target
from edgekit.bundle import Bundle
from edgekit.files import sha256_bytes
from edgekit.progress import CompareStage, Progress, SilentProgress

__all__ = ["TURNS_THRESHOLD", "compare_bundles"]

# In turns, the same bundle against itself stays far below this.
TURNS_THRESHOLD = 0.02

_MIN_ROUNDS, _MAX_ROUNDS = 3, 100
_WARM_UP_SECONDS = 0.05
_MAX_WARM_UP_RUNS = 1000
# Of a block, what runs first after the other model is not counted: it finds caches full of it.
_UNCOUNTED_SHARE = 0.1


def compare_bundles(
    first: Bundle | str | Path,
    second: Bundle | str | Path,
    options: CompareOptions | None = None,
    *,
    inputs: tuple[Sequence[Inputs], Sequence[Inputs]] = ((), ()),
    threshold: float = TURNS_THRESHOLD,
    target: Target | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run two bundles in turns and compare their latencies.

    Method: load both, in an order that is drawn; warm up; then rounds, in each of which both
    run a block of inferences, in an order that is drawn anew. All of this is repeated
    ``options.loads`` times.

    Args:
        first: What the ratio is over, for example the old model.
        second: What is judged.
        options: How long, and with what.
        inputs: Raw arrays for each of the two, as `edgekit.benchmarks.benchmark` takes them;
            random ones where there are none.
        threshold: Least relative difference that is called one.
        target: Where to run them; this machine by default. It must hold two sessions at a time.
        progress: Is told how far it is, between the runs.

    Raises:
        BundleError: A bundle cannot be read or trusted.
        InvalidOptionError: A sample does not fit its model, or the threshold is out of range.
        TargetError: The target failed or broke its contract.
    """
    options = CompareOptions() if options is None else options
    target = HostTarget() if target is None else target
    progress = SilentProgress() if progress is None else progress
    bundles = [item if isinstance(item, Bundle) else Bundle.open(item) for item in (first, second)]
    feeds = [
        feeds_for(bundle.manifest.inputs, given, seed=options.seed)
        for bundle, given in zip(bundles, inputs, strict=True)
    ]
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    progress.stage(CompareStage.MEASURE)
    turns = _Turns(bundles, [samples for samples, _ in feeds], options, target)
    groups = []
    for load in range(options.loads):
        groups.append(turns.load_and_run())
        progress.advance(load + 1, options.loads)
    subjects = [
        Subject(bundle.manifest.name, str(bundle.path), sha256_bytes(bundle.model))
        for bundle in bundles
    ]
    described = dict.fromkeys(description for _, description in feeds)
    return Comparison(
        first=subjects[0],
        second=subjects[1],
        target=target.name,
        provenance=target.provenance,
        inputs=" and ".join(described),
        started_at=started_at,
        threshold=threshold,
        options=options,
        environment=turns.environment,
        groups=tuple(groups),
        states=(turns.states[0], turns.states[-1]) if turns.states else (),
    )


@dataclass(slots=True)
class _Side:
    """A loaded model, how long it takes, and how many runs are a block of it."""

    session: Session
    latency_us: float
    count: int


class _Turns:
    """Loads both models and lets them run in turns, again and again."""

    def __init__(
        self,
        bundles: Sequence[Bundle],
        feeds: Sequence[Sequence[Inputs]],
        options: CompareOptions,
        target: Target,
    ) -> None:
        self._bundles, self._feeds, self._options, self._target = bundles, feeds, options, target
        self._session_options = BenchmarkOptions(
            threads=options.threads, kernels=options.kernels, pin=options.pin, seed=options.seed
        )
        self._generator = np.random.default_rng(options.seed)
        self.states: list[SystemState] = []
        self.environment: Environment

    def load_and_run(self) -> BlockGroup:
        """Load both anew and return the medians of the blocks that they ran."""
        with ExitStack() as stack:
            sides: dict[int, _Side] = {}
            for index in self._generator.permutation(2).tolist():
                session = self._target.prepare(
                    self._bundles[index], self._feeds[index], self._session_options
                )
                stack.callback(session.close)
                sides[index] = self._warm(session)
            session = sides[0].session
            self.environment = session.environment()
            self._note_state(session)
            blocks: tuple[list[float], list[float]] = ([], [])
            for _ in range(self._rounds(sides.values())):
                for index in self._generator.permutation(2).tolist():
                    blocks[index].append(self._block(sides[index]))
            self._note_state(session)
        return BlockGroup(tuple(blocks[0]), tuple(blocks[1]))

    def _warm(self, session: Session) -> _Side:
        """Run until the model is warm."""
        (first,) = run_checked(self._target, session, 1).tolist()
        options = self._options
        share_seconds = options.seconds / options.loads
        warm_up_us = min(_WARM_UP_SECONDS, share_seconds) * 1e6
        count = int(min(_MAX_WARM_UP_RUNS, max(2.0, warm_up_us / first)))
        latency_us = median(run_checked(self._target, session, count))
        # In little time, short blocks: the rounds are what must not be too few.
        block_us = min(options.block_seconds, share_seconds / 2 / _MIN_ROUNDS) * 1e6
        count = max(1, round(block_us / latency_us))
        return _Side(session, latency_us, count)

    def _rounds(self, sides: Iterable[_Side]) -> int:
        round_seconds = sum(side.latency_us * side.count for side in sides) / 1e6
        rounds = round(self._options.seconds / self._options.loads / round_seconds)
        return min(_MAX_ROUNDS, max(_MIN_ROUNDS, rounds))

    def _block(self, side: _Side) -> float:
        latencies = run_checked(self._target, side.session, side.count)
        return median(latencies[int(_UNCOUNTED_SHARE * side.count) :])

    def _note_state(self, session: Session) -> None:
        state = session.system_state()
        if state is not None:
            self.states.append(state)
