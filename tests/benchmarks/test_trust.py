"""What speaks against a figure is found in its windows and in the states of the machine."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.benchmarks import SystemState, Window
from edgekit.benchmarks.trust import other_load, reasons_against, stolen_share

STATE = SystemState(
    clock_s=100.0,
    frequencies_hz=(800_000_000, 2_000_000_000),
    zones=(),
    throttling=(),
    throttle_count=7,
    load_average=0.5,
    busy_s=1000.0,
    stolen_s=5.0,
    own_s=50.0,
)


def window(median, *, spread=0.001, runs=100, seconds=1.0):
    samples = median * (1 + spread * np.linspace(-2, 2, runs))
    return Window(0.0, seconds, runs, seconds * 1e6, tuple(samples.tolist()))


def after(seconds, **changes):
    """Return the state after some seconds in which only this process kept one core busy."""
    quiet = {
        "clock_s": STATE.clock_s + seconds,
        "busy_s": STATE.busy_s + seconds,
        "own_s": STATE.own_s + seconds,
    }
    return replace(STATE, **{**quiet, **changes})


def reasons(medians=(100.0,) * 5, states=(), **shape):
    windows = [window(median, **shape) for median in medians]
    return reasons_against(windows, states, asked=5, cores=2)


def test_nothing_speaks_against_steady_windows_on_a_quiet_machine():
    assert reasons(states=[STATE, after(10.0)]) == ()


def test_a_wide_spread():
    (reason,) = reasons(spread=0.06)
    assert reason == "the spread is too wide: MAD is 6.1% of the median, more than 5%"


def test_windows_that_disagree():
    (reason,) = reasons((100.0, 106.0, 100.0, 101.0, 102.0))
    assert reason == "the windows disagree: their medians lie 5.9% apart"


def test_windows_that_drift_are_told_from_windows_that_scatter():
    (reason,) = reasons((100.0, 100.5, 101.2, 102.0, 103.0))
    assert reason == "the windows drift: they get slower, by 3.0%"
    (reason,) = reasons((103.0, 102.0, 101.2, 100.5, 100.0))
    assert reason == "the windows drift: they get faster, by 2.9%"
    assert reasons((100.0, 103.0, 101.0, 100.5, 102.5)) == ()
    assert reasons((100.0, 100.1, 100.2, 100.3, 100.4)) == ()


def test_too_few_and_too_short():
    windows = [window(100.0, runs=9, seconds=0.01)] * 3
    found = reasons_against(windows, (), asked=3, cores=2)
    assert found == (
        "too few runs: 27, less than 30",
        "too short: 0.03 s of inference, less than 1 s",
    )


def test_fewer_windows_than_asked():
    assert reasons((100.0, 100.0)) == ("it was interrupted: 2 of 5 windows",)


def test_a_frequency_that_drifts():
    slower = after(10.0, frequencies_hz=(1_500_000_000, 1_900_000_000))
    (reason,) = reasons(states=[STATE, slower, STATE])
    assert reason == "the frequency drifts: 1,900 to 2,000 MHz"
    assert reasons(states=[STATE, after(10.0, frequencies_hz=())]) == ()


def test_heat():
    (reason,) = reasons(states=[STATE, after(10.0, throttle_count=9)])
    assert reason == "the processor is slowed down: 2 thermal throttle events"
    hot = after(10.0, throttling=("cpufreq-cpu0 at state 2",), throttle_count=9)
    (reason,) = reasons(states=[hot, STATE, hot])
    assert reason == "the processor is slowed down: cpufreq-cpu0 at state 2"


def test_other_processes():
    busy = after(10.0, busy_s=STATE.busy_s + 13.0)
    assert other_load([STATE, busy]) == pytest.approx(0.3)
    (reason,) = reasons(states=[STATE, busy])
    assert reason == "other processes kept 0.30 processors busy, more than 0.1"


def test_a_hypervisor_that_takes_time():
    stolen = after(10.0, stolen_s=STATE.stolen_s + 1.0)
    assert stolen_share([STATE, stolen], 2) == pytest.approx(0.05)
    (reason,) = reasons(states=[STATE, stolen])
    assert reason == "the hypervisor gave 5.0% of the processors' time to others"


@pytest.mark.parametrize(
    "states",
    [
        [],
        [STATE],
        [STATE, after(0.1, busy_s=2000.0)],
        [STATE, after(10.0, busy_s=None, stolen_s=None)],
    ],
)
def test_what_cannot_be_told_is_none(states):
    assert other_load(states) is None
    assert stolen_share(states, 2) is None
