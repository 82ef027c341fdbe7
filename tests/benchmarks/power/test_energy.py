"""Energy per inference of recordings whose joules are known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import Measurement, Provenance, ResultFormatError
from edgekit.benchmarks.power import (
    Activity,
    EnergyResult,
    Gap,
    MeterError,
    MeterInfo,
    Phase,
    Quantity,
    Recording,
    Trace,
    energy_per_inference,
)

INFO = MeterInfo("m", "device", Provenance.MEASURED, "a sensor", 1000.0, "1 %")
IDLE_W, ACTIVE_W = 1.5, 4.0
IDLE = Phase(Activity.IDLE, 0.0, 2.0)
# Windows of 2 s with 1000, 1100, ... inferences.
WINDOWS = tuple(
    Phase(Activity.RUNNING, 3.0 + 2 * index, 5.0 + 2 * index, 1000 + 100 * index)
    for index in range(5)
)
PHASES = (IDLE, *WINDOWS, Phase(Activity.COOLING, 13.0, 13.5))


def recording(noise=0.0, **changes):
    times = np.arange(0, 13.5, 0.001)
    power = np.where(times < 2.5, IDLE_W, ACTIVE_W)
    power = power + noise * np.random.default_rng(1).standard_normal(times.size)
    return Recording((Trace("a", Quantity.POWER, times, power),), **changes)


def result(**changes):
    return energy_per_inference(recording(**changes), PHASES, INFO, seed=3)


def test_the_median_of_the_windows():
    found = result()
    # 4 W for 2 s over 1000 to 1400 inferences.
    assert found.per_inference.value == pytest.approx(8e6 / 1200)
    assert found.per_inference.samples == pytest.approx([8e6 / w.runs for w in WINDOWS])
    assert found.per_inference.unit == "uJ"
    assert found.active_power.value == pytest.approx(4000)
    assert found.window_s == pytest.approx(10)
    assert found.sample_count == pytest.approx(10_000, abs=5)


def test_what_is_above_idle():
    found = result()
    assert found.idle_power.value == pytest.approx(1500)
    assert found.above_idle.value == pytest.approx((ACTIVE_W - IDLE_W) * 2e6 / 1200)


def test_without_idle_time_nothing_is_said_of_it():
    found = energy_per_inference(recording(), WINDOWS, INFO, seed=3)
    assert found.above_idle is found.idle_power is None
    assert set(found.measurements()) == {"energy", "active_power"}


def test_the_cooling_down_is_no_baseline():
    hot = recording()
    hot.traces[0].values[hot.traces[0].times_s > 13] = 100.0
    assert energy_per_inference(hot, PHASES, INFO, seed=3).idle_power.value == pytest.approx(1500)


def test_a_counter_and_its_parts():
    times = np.arange(0, 13.5, 0.01)
    package = Trace("package", Quantity.ENERGY, times, 4 * times)
    core = Trace("core", Quantity.ENERGY, times, 3 * times, counted=False)
    memory = Trace("dram", Quantity.ENERGY, times, times)
    found = energy_per_inference(Recording((package, core, memory)), WINDOWS, INFO, seed=3)
    assert found.per_inference.value == pytest.approx(10e6 / 1200)
    values = {each.name: each.per_inference.value for each in found.channels}
    assert values == pytest.approx({"package": 8e6 / 1200, "core": 6e6 / 1200, "dram": 2e6 / 1200})
    assert [each.counted for each in found.channels] == [True, False, True]


def test_intervals_are_those_of_a_bootstrap_over_windows():
    """A bootstrap that is written as a loop, with another generator, gives nearly the same."""
    found = result(noise=0.5)
    windows = np.array(found.per_inference.samples)
    generator = np.random.default_rng(99)
    medians = [np.median(generator.choice(windows, windows.size)) for _ in range(4000)]
    low, high = np.percentile(medians, (2.5, 97.5))
    assert found.per_inference.interval == pytest.approx((low, high), rel=0.02)
    assert "95 % bootstrap" in found.per_inference.method


def test_the_same_seed_gives_the_same():
    assert result(noise=0.5) == result(noise=0.5)


@given(
    st.lists(st.floats(0.1, 50), min_size=1, max_size=6),
    st.floats(0, 5),
    st.integers(1, 10**6),
)
def test_known_powers_give_known_energies(watts, idle_w, runs):
    """A counter through points that are known at the ends of the phases."""
    windows = [Phase(Activity.RUNNING, i + 1.0, i + 2.0, runs) for i in range(len(watts))]
    times = np.arange(len(watts) + 2.0)
    joules = np.concatenate(([0.0], np.cumsum([idle_w, *watts])))
    trace = Trace("a", Quantity.ENERGY, times, joules)
    phases = [Phase(Activity.IDLE, 0.0, 1.0), *windows]
    found = energy_per_inference(Recording((trace,)), phases, INFO, seed=0)
    expected = np.median(watts) * 1e6 / runs
    assert found.per_inference.value == pytest.approx(expected)
    above = (np.median(watts) - idle_w) * 1e6 / runs
    assert found.above_idle.value == pytest.approx(above, abs=1e-9 * expected + 1e-6)
    low, high = found.per_inference.interval
    assert low <= found.per_inference.value <= high


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"saturated_at_s": (1.0, 4.0, 13.2)}, "beyond its range in 2 samples"),
        ({"gaps": (Gap(3.5, 3.8), Gap(13.1, 13.4))}, "lost 0.3 s of samples"),
    ],
)
def test_what_the_meter_missed_is_told(changes, reason):
    (found,) = result(**changes).unstable_reasons
    assert reason in found
    assert result().unstable_reasons == ()


def test_few_windows_and_few_samples_are_told():
    (few,) = energy_per_inference(recording(), PHASES[:3], INFO, seed=3).unstable_reasons
    assert few == "energy of 2 windows, fewer than 3"
    slow = Recording((Trace("a", Quantity.POWER, np.arange(0.0, 14), np.full(14, 3.0)),))
    reasons = energy_per_inference(slow, WINDOWS, INFO, seed=3).unstable_reasons
    assert "took 10 samples in 5 windows" in reasons[0]


def test_an_energy_above_idle_that_could_be_zero_is_told():
    same = recording()
    same.traces[0].values[:] = IDLE_W + np.random.default_rng(0).normal(0, 0.3, 13_500)
    (reason,) = energy_per_inference(same, PHASES, INFO, seed=3).unstable_reasons
    assert reason == "the energy above idle cannot be told from zero"


def test_a_recording_that_ends_early_is_refused():
    late = (*WINDOWS, Phase(Activity.RUNNING, 13.0, 14.0, 10))
    with pytest.raises(MeterError, match="does not hold"):
        energy_per_inference(recording(), late, INFO, seed=3)


def test_nothing_to_measure_is_refused():
    with pytest.raises(MeterError, match="no window of inferences"):
        energy_per_inference(recording(), [IDLE], INFO, seed=3)
    part = replace(recording().traces[0], counted=False)
    with pytest.raises(MeterError, match="no channel that counts"):
        energy_per_inference(Recording((part,)), WINDOWS, INFO, seed=3)


@pytest.mark.parametrize("phases", [PHASES, WINDOWS])
def test_json_gives_the_same_back(phases):
    found = energy_per_inference(
        recording(notes=("a note",), saturated_at_s=(4.0,)), phases, INFO, seed=3
    )
    data = json.loads(json.dumps(found.to_json()))
    assert EnergyResult.from_json(data) == found
    assert data["meter"]["provenance"] == "measured"


@pytest.mark.parametrize(
    "changes",
    [
        {"meter": None},
        {"meter": {"name": "m"}},
        {"per_inference": None},
        {"channels": [{}]},
        {"notes": None},
        {"surprise": 1},
    ],
)
def test_json_that_is_not_ours_is_refused(changes):
    with pytest.raises(ResultFormatError):
        EnergyResult.from_json({**result().to_json(), **changes})


@pytest.mark.parametrize("data", [None, [], {}, "x"])
def test_json_of_another_kind_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no energy result"):
        EnergyResult.from_json(data)


def test_every_figure_has_provenance_and_method():
    for figure in result().measurements().values():
        assert isinstance(figure, Measurement)
        assert figure.provenance is Provenance.MEASURED
        assert figure.method.startswith("m: ")
