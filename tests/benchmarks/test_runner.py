"""The method of the benchmark, on this machine and on a target as a third party writes it."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    InvalidOptionError,
    Provenance,
    Target,
    TargetError,
    benchmark,
    capture_environment,
)
from edgekit.files import sha256_bytes
from edgekit.runtime import Backend, Kernels

QUICK = BenchmarkOptions(min_seconds=0.02, warmup_seconds=0.002, min_runs=30)


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
    assert len(result.samples_us) >= 30
    assert sum(result.samples_us) >= 0.02 * 1e6
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
    result = benchmark(pair, target, BenchmarkOptions(min_seconds=0.5, warmup_seconds=0.2))
    assert target.calls[0] == 1
    assert result.first_inference_us == 10_000.0
    assert result.warmup_runs == 200
    assert result.samples_us == (1000.0,) * 500
    # The environment is that of the measured runs.
    at = target.calls.index("environment")
    assert sum(target.calls[1:at]) == 200
    assert sum(target.calls[at + 1 :]) == 500
    assert result.provenance is Provenance.EMULATED
    assert result.load_us == 5.0
    assert result.peak_rss_bytes is None
    assert target.closed == 1


def test_calls_take_about_a_tenth_of_a_second(pair):
    target = Counter(1000.0)
    benchmark(pair, target, BenchmarkOptions(min_seconds=1.0))
    counts = [call for call in target.calls if call != "environment"]
    assert max(counts) == 100


def test_a_slow_model_still_makes_the_minimum_of_runs(pair):
    target = Counter(3e6)
    result = benchmark(pair, target, BenchmarkOptions(min_runs=4, warmup_runs=2))
    assert len(result.samples_us) == 4
    assert result.warmup_runs == 2
    assert set(target.calls) == {1, "environment"}
    assert result.unstable


def test_without_warm_up(pair):
    options = BenchmarkOptions(min_seconds=0, warmup_seconds=0, warmup_runs=0, min_runs=3)
    result = benchmark(pair, Counter(10.0), options)
    assert result.warmup_runs == 0
    assert result.samples_us == (10.0,) * 3


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
