"""The thread that asks a meter: every value once, errors where they are waited for."""

import os
from time import sleep

import pytest

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.pinning import Pin
from edgekit.benchmarks.power import MeterError
from edgekit.benchmarks.power.polling import Poller


def test_every_value_arrives_in_order_with_rising_times():
    values = iter(range(10_000))
    poller = Poller("m", lambda: [next(values), 7.0], 200)
    poller.start()
    sleep(0.1)
    times, rows = poller.stop()
    assert rows[:, 0].tolist() == list(range(times.size))
    assert set(rows[:, 1]) == {7.0}
    assert (times[1:] > times[:-1]).all()
    assert times.size >= 2


def test_the_first_error_is_raised_by_start():
    def broken():
        raise MeterError("m", "gone")

    with pytest.raises(MeterError, match="gone"):
        Poller("m", broken, 10).start()


def test_a_later_error_is_raised_by_stop_and_ends_the_polling():
    calls = []

    def fails_later():
        calls.append(1)
        if len(calls) > 2:
            raise MeterError("m", "unplugged")
        return [1.0]

    poller = Poller("m", fails_later, 1000)
    poller.start()
    sleep(0.1)
    with pytest.raises(MeterError, match="unplugged"):
        poller.stop()
    assert len(calls) == 3


def test_it_starts_anew():
    poller = Poller("m", lambda: [1.0], 100)
    for _ in range(2):
        poller.start()
        times, _ = poller.stop()
        assert times.size >= 2
    poller.halt()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor alone")
def test_it_leaves_the_processor_that_the_run_is_pinned_to():
    seen = []
    poller = Poller("m", lambda: [len(seen.append(os.sched_getaffinity(0)) or [])], 200)
    everything = os.sched_getaffinity(0)
    first = min(everything)
    pin = Pin([first])
    poller.start()
    sleep(0.05)
    poller.halt()
    pin.release()
    assert seen[0] == {first}
    assert seen[-1] == everything - {first}


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 1e6, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_is_refused(rate_hz):
    with pytest.raises(InvalidOptionError, match="m:rate_hz"):
        Poller("m", lambda: [1.0], rate_hz)
