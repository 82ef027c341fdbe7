"""A meter that watches a benchmark: what it is told becomes phases, in order."""

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import pytest

from edgekit.benchmarks import BenchmarkOptions, InvalidOptionError, Provenance, benchmark
from edgekit.benchmarks.power import (
    Activity,
    EnergyObserver,
    MeterError,
    MeterInfo,
    Quantity,
    Recording,
    Trace,
)

QUICK = BenchmarkOptions(windows=3, window_seconds=0.05, warmup_seconds=0.01)


@dataclass
class Steady:
    """A meter as a third party writes it: 2 W, always, by a counter with two readings."""

    started_s: float = 0.0
    phases: list = field(default_factory=list)
    info = MeterInfo("steady", "nowhere", Provenance.MEASURED, "always 2 W", 10.0)

    def start(self):
        self.started_s = perf_counter()

    def expect(self, phases):
        self.phases = list(phases)

    def stop(self):
        times = np.array([self.started_s, perf_counter()])
        return Recording((Trace("all", Quantity.ENERGY, times, 2 * times),))

    def close(self):
        pass


@pytest.fixture
def pair(tflite_models, tmp_path):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_the_energy_of_a_run(pair):
    meter = Steady()
    observer = EnergyObserver(meter, 0.1)
    result = benchmark(pair, options=QUICK, observers=[observer])
    energy = observer.energy(seed=0)
    # At 2 W, an inference costs its share of the window.
    shares = [window.seconds / window.runs * 2e6 for window in result.windows]
    assert energy.per_inference.samples == pytest.approx(shares, rel=0.05)
    assert energy.idle_power.value == pytest.approx(2000)
    assert energy.above_idle.value == pytest.approx(0, abs=1e-6 * energy.per_inference.value + 1e-6)
    assert "cannot be told from zero" in energy.unstable_reasons[-1]


def test_a_meter_that_looks_for_the_run_hears_of_every_phase(pair):
    meter = Steady()
    observer = EnergyObserver(meter, 0.05)
    result = benchmark(pair, options=QUICK, observers=[observer])
    observer.energy(seed=0)
    kinds = [phase.activity for phase in meter.phases]
    assert kinds == [Activity.IDLE, *[Activity.RUNNING] * 3, Activity.COOLING]
    assert [phase.runs for phase in meter.phases[1:-1]] == [each.runs for each in result.windows]
    times = [time for phase in meter.phases for time in (phase.start_s, phase.end_s)]
    assert times == sorted(times)
    assert meter.phases[0].end_s - meter.phases[0].start_s >= 0.05


def test_without_idle_time_there_is_no_such_phase(pair):
    meter = Steady()
    observer = EnergyObserver(meter, 0)
    benchmark(pair, options=QUICK, observers=[observer])
    assert observer.energy(seed=0).idle_power is None
    assert meter.phases[0].activity is Activity.RUNNING


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_idle_times_out_of_range(seconds):
    with pytest.raises(InvalidOptionError, match="idle_seconds"):
        EnergyObserver(Steady(), seconds)


def test_a_meter_that_does_not_start_ends_the_run(pair):
    class Dead(Steady):
        def start(self):
            raise MeterError("dead", "it does not answer")

    with pytest.raises(MeterError, match="does not answer"):
        benchmark(pair, options=QUICK, observers=[EnergyObserver(Dead(), 0.1)])
