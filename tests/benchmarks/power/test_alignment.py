"""Offset and skew of a log's clock are found again where they are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.benchmarks.power import Activity, MeterError, Phase
from edgekit.benchmarks.power.alignment import align_to_load, fit_clocks, rising_edges

IDLE, ACTIVE = 0.4, 2.0
PHASES = (
    Phase(Activity.IDLE, 1000.0, 1003.0),
    *(Phase(Activity.RUNNING, 1004.0 + 2 * i, 1005.9 + 2 * i, 100) for i in range(4)),
    Phase(Activity.COOLING, 1011.9, 1012.4),
)


def log(offset_s, skew_ppm=0.0, rate_hz=200.0, noise=0.3, before=5.0, after=5.0):
    """What a logger writes of the run above, whose clock is behind by offset and skew."""
    host = np.arange(1000.0 - before, 1012.4 + after, 1 / rate_hz)
    loaded = (host >= 1003.0) & (host < 1011.9)
    power = np.where(loaded, ACTIVE, IDLE)
    power = power + noise * np.random.default_rng(5).standard_normal(host.size)
    return (host - offset_s - 1006.0) / (1 + skew_ppm * 1e-6) + 1006.0, power


@given(st.floats(-1e4, 1e4), st.floats(-500, 500), st.integers(2, 9), st.integers(0, 99))
def test_any_two_clocks_are_fitted(offset, skew_ppm, count, seed):
    logged = np.sort(np.random.default_rng(seed).uniform(0, 100, count)) + np.arange(count)
    host = logged + offset + skew_ppm * 1e-6 * logged
    fit = fit_clocks(host, logged, resolution_s=0, method="test")
    assert fit.skew_ppm == pytest.approx(skew_ppm, abs=1e-3)
    assert fit.host_times(logged) == pytest.approx(host, abs=1e-6)
    assert fit.residual_s is None if count < 3 else fit.residual_s < 1e-6


def test_a_single_event_gives_no_skew():
    fit = fit_clocks([12.5], [2.0], resolution_s=0, method="one pulse")
    assert fit.host_times(np.array([3.0])).tolist() == [13.5]
    assert str(fit) == "aligned by one pulse: offset 10.500000 s, skew unknown, taken as 0"


def test_clocks_that_differ_too_much_are_refused():
    with pytest.raises(MeterError, match="differ by 10000 ppm"):
        fit_clocks([0, 101], [0, 100], resolution_s=0.001, method="test")


def test_edges_that_are_too_close_tell_no_skew():
    fit = fit_clocks([10.0, 11.003], [0.0, 1.0], resolution_s=0.004, method="test")
    assert fit.skew_ppm is None
    assert fit.offset_s == pytest.approx(10.0015)
    assert fit_clocks([10.0, 70.003], [0, 60], resolution_s=0.004, method="test").skew_ppm == (
        pytest.approx(50)
    )


def test_edges_are_interpolated():
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    levels = np.array([0.0, 0.0, 4.0, 4.0, 0.0])
    assert rising_edges(times, levels).tolist() == [1.5]


@settings(max_examples=15)
@given(st.floats(-3600, 3600), st.floats(-300, 300), st.sampled_from([100.0, 250.0, 1000.0]))
def test_the_load_is_found_within_a_sample_and_a_half(offset, skew_ppm, rate_hz):
    times, power = log(offset, skew_ppm, rate_hz)
    fit = align_to_load(times, power, PHASES)
    true = times + offset + skew_ppm * 1e-6 * (times - 1006.0)
    inside = (true > 1000) & (true < 1012)
    untold = abs(skew_ppm) * 1e-6 * 6 if fit.skew_ppm is None else 0.0
    assert np.abs(fit.host_times(times) - true)[inside].max() < 1.5 / rate_hz + untold
    assert fit.method.startswith("correlation with the load (0.9")


def test_a_log_of_something_else_is_refused():
    times, _ = log(0.0)
    with pytest.raises(MeterError, match="is not in the log") as caught:
        align_to_load(times, np.random.default_rng(0).normal(1, 0.2, times.size), PHASES)
    assert "--idle-seconds" in caught.value.hint


def test_a_log_that_holds_two_runs_is_refused():
    times, power = log(0.0)
    twice = np.concatenate((times, times + times[-1] - times[0] + 0.005))
    with pytest.raises(MeterError, match="at two places"):
        align_to_load(twice, np.concatenate((power, power)), PHASES)


def test_a_log_that_is_too_short_is_refused():
    times, power = log(0.0)
    with pytest.raises(MeterError, match="start the logger before"):
        align_to_load(times[:500], power[:500], PHASES)


def test_a_run_without_idle_time_cannot_be_found():
    times, power = log(0.0)
    with pytest.raises(MeterError, match="no idle time"):
        align_to_load(times, power, PHASES[1:5])
