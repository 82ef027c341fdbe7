"""The method of the benchmark, on this machine and on a target as a third party writes it."""

import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    InterruptedBenchmark,
    InvalidOptionError,
    Provenance,
    Target,
    TargetError,
    benchmark,
    capture_environment,
    capture_state,
)
from edgekit.files import sha256_bytes
from edgekit.runtime import Backend, Kernels

QUICK = BenchmarkOptions(windows=3, window_seconds=0.02, warmup_seconds=0.002)


@dataclass
class Counter:
    """A target whose latencies are exact: the first run takes ten times as long as the rest."""

    latency_us: float
    name: str = "counter"
    provenance: Provenance = Provenance.EMULATED
    calls: list = field(default_factory=list)
    spoil: object = list
    closed: int = 0
    load_us: float = 5.0

    def prepare(self, bundle, inputs, options):
        self.bundle, self.inputs, self.options = bundle, inputs, options
        return self

    def environment(self):
        self.calls.append("environment")
        return capture_environment(Backend("counter", "1", Kernels.REFERENCE, 1))

    def system_state(self):
        self.calls.append("state")
        return capture_state()

    def run(self, count):
        first = not self.calls
        self.calls.append(count)
        latencies = [self.latency_us] * count
        if first:
            latencies[0] *= 10
        return self.spoil(latencies)

    def peak_rss_bytes(self):
        return None

    def close(self):
        self.closed += 1


@pytest.fixture
def pair(tflite_models, tmp_path):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_on_this_machine(pair):
    result = benchmark(pair, options=QUICK)
    assert isinstance(result, BenchmarkResult)
    assert result.model == "tiny"
    assert result.model_sha256 == sha256_bytes(pair.model)
    assert result.target == "host"
    assert result.provenance is Provenance.MEASURED
    assert result.inputs == "random, seed 0"
    assert result.options == QUICK
    assert result.started_at.endswith("+00:00")
    assert len(result.windows) == 3
    assert all(sum(window.samples_us) >= 0.02 * 1e6 for window in result.windows)
    assert all(window.seconds * 1e6 >= window.total_us for window in result.windows)
    starts = [window.started_s for window in result.windows]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert len(result.states) == 4
    assert result.warmup_runs >= 1
    assert 0 < result.latency.value < 1e5
    assert result.load_us > 0
    assert result.first_inference_us > 0
    assert result.peak_rss_bytes > 1 << 20
    assert result.environment.kernels == "default"


def test_a_path_will_do(pair):
    assert benchmark(pair.path, options=QUICK).model_sha256 == sha256_bytes(pair.model)


def test_given_inputs_are_used_and_recorded(pair):
    sample = {name: np.ones((1, 4), np.int8) for name in "ab"}
    target = Counter(100.0)
    result = benchmark(pair, target, QUICK, inputs=[sample, sample])
    assert result.inputs == "given, 2 samples"
    assert target.inputs == [sample, sample]
    assert target.bundle is pair
    assert target.options is QUICK
    assert benchmark(pair, options=QUICK, inputs=[sample]).inputs == "given, 1 sample"


@pytest.mark.parametrize("names", ["a", "abc", "xy", ""])
def test_inputs_of_other_names_are_refused(pair, names):
    with pytest.raises(InvalidOptionError, match=r"^inputs is") as caught:
        benchmark(pair, inputs=[{name: np.ones((1, 4), np.int8) for name in names}])
    assert "a, b" in caught.value.hint


def test_first_warm_up_and_measured_runs_are_kept_apart(pair):
    target = Counter(1000.0)
    assert isinstance(target, Target)
    options = BenchmarkOptions(windows=2, window_seconds=0.5, warmup_seconds=0.2)
    result = benchmark(pair, target, options)
    assert target.calls[0] == 1
    assert result.first_inference_us == 10_000.0
    assert result.warmup_runs == 200
    assert [window.samples_us for window in result.windows] == [(1000.0,) * 500] * 2
    assert [(window.runs, window.total_us) for window in result.windows] == [(500, 5e5)] * 2
    # The environment is that of the measured runs; a state lies before and after each window.
    at = target.calls.index("environment")
    assert sum(target.calls[1:at]) == 200
    assert target.calls[at + 1] == target.calls[-1] == "state"
    counts = [0]
    for call in target.calls[at + 2 : -1]:
        if call == "state":
            counts.append(0)
        else:
            counts[-1] += call
    assert counts == [500, 500]
    assert result.provenance is Provenance.EMULATED
    assert result.load_us == 5.0
    assert result.peak_rss_bytes is None
    assert target.closed == 1


def test_calls_take_about_a_tenth_of_a_second(pair):
    target = Counter(1000.0)
    benchmark(pair, target, BenchmarkOptions(window_seconds=1.0))
    assert max(call for call in target.calls if isinstance(call, int)) == 100


def test_a_slow_model_still_makes_the_minimum_of_runs(pair):
    target = Counter(3e6)
    options = BenchmarkOptions(windows=2, window_seconds=0, window_runs=4, warmup_runs=2)
    result = benchmark(pair, target, options)
    assert [window.runs for window in result.windows] == [4, 4]
    assert result.warmup_runs == 2
    assert set(target.calls) == {1, "environment", "state"}
    assert result.unstable


def test_without_warm_up(pair):
    options = BenchmarkOptions(
        windows=1, window_seconds=0, window_runs=3, warmup_seconds=0, warmup_runs=0
    )
    result = benchmark(pair, Counter(10.0), options)
    assert result.warmup_runs == 0
    assert result.samples_us == (10.0,) * 3


def test_of_very_many_runs_a_part_is_kept(pair):
    result = benchmark(pair, Counter(5.0), BenchmarkOptions(windows=1, window_seconds=1.0))
    (window,) = result.windows
    assert window.runs == 200_000
    assert 19_000 <= len(window.samples_us) <= 21_000
    assert window.throughput_per_s == pytest.approx(200_000)


def test_a_target_that_nothing_disturbs_has_no_states(pair, monkeypatch):
    monkeypatch.setattr(Counter, "system_state", lambda _: None)
    assert benchmark(pair, Counter(10.0), QUICK).states == ()


class Diary:
    """An observer that writes down what it is told, beside what the target does."""

    def __init__(self, target):
        self.calls = target.calls
        self.times = []

    def idle(self):
        self.calls.append("idle")

    def window_started(self, at):
        self.calls.append("start")
        self.times.append(at)

    def window_ended(self, at, runs):
        self.calls.append(f"end after {runs}")
        self.times.append(at)


def test_observers_see_the_idle_target_and_every_window(pair):
    target = Counter(1000.0)
    diary = Diary(target)
    options = BenchmarkOptions(windows=2, window_seconds=0.05, warmup_seconds=0.01)
    benchmark(pair, target, options, observers=[diary])
    assert target.calls == [
        *(1, "idle", 1, 9, "environment", "state"),
        *("start", 50, "end after 50", "state"),
        *("start", 50, "end after 50", "state"),
    ]
    for clock in ("perf_counter_ns", "time_ns"):
        moments = [getattr(at, clock) for at in diary.times]
        assert moments == sorted(moments)
    assert all(abs(at.time_ns / 1e9 - time.time()) < 60 for at in diary.times)


class Log:
    """A progress that writes down what it is told."""

    def __init__(self):
        self.stages, self.steps = [], []

    def stage(self, stage):
        self.stages.append(str(stage))

    def advance(self, done, total):
        self.steps.append((done, total))


def test_progress_goes_from_nothing_to_all(pair):
    log = Log()
    options = BenchmarkOptions(windows=2, window_seconds=0.2, warmup_seconds=0.01)
    benchmark(pair, Counter(1000.0), options, progress=log)
    assert log.stages == ["load the model", "warm up", "measure"]
    assert log.steps == [(100, 400), (200, 400), (300, 400), (400, 400)]


@dataclass
class Interrupting(Counter):
    """A target during which Ctrl-C is pressed."""

    at_call: int = 0

    def run(self, count):
        if sum(isinstance(call, int) for call in self.calls) == self.at_call:
            raise KeyboardInterrupt
        return super().run(count)


def test_ctrl_c_leaves_the_whole_windows(pair):
    # First run, two calls to warm up, then two windows of one call each.
    target = Interrupting(1000.0, at_call=5)
    options = BenchmarkOptions(windows=5, window_seconds=0.05, warmup_seconds=0.01)
    with pytest.raises(InterruptedBenchmark) as caught:
        benchmark(pair, target, options)
    partial = caught.value.partial
    assert [window.runs for window in partial.windows] == [50, 50]
    assert len(partial.states) == 3
    assert "it was interrupted: 2 of 5 windows" in partial.unstable_reasons
    assert target.closed == 1


@pytest.mark.parametrize("at_call", [0, 1, 3])
def test_ctrl_c_before_the_first_whole_window_is_just_that(pair, at_call):
    target = Interrupting(1000.0, at_call=at_call)
    options = BenchmarkOptions(windows=5, window_seconds=0.05, warmup_seconds=0.01)
    with pytest.raises(KeyboardInterrupt) as caught:
        benchmark(pair, target, options)
    assert caught.type is KeyboardInterrupt
    assert target.closed == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda latencies: latencies[1:], "it ran 0 inferences instead of 1"),
        (lambda latencies: [*latencies, 1.0], "it ran 2 inferences instead of 1"),
        (lambda latencies: [0.0 for _ in latencies], "no positive number"),
        (lambda latencies: [float("nan") for _ in latencies], "no positive number"),
    ],
)
def test_a_target_that_breaks_its_contract_is_refused_and_closed(pair, spoil, why):
    target = Counter(10.0, spoil=spoil)
    with pytest.raises(TargetError, match=why):
        benchmark(pair, target, QUICK)
    assert target.closed == 1
