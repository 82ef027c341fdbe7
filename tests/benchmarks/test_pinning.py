"""Pinning binds the process and its new threads, and is undone."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.pinning import Pin, current_affinity

ALLOWED = tuple(sorted(os.sched_getaffinity(0)))


def test_the_thread_and_those_it_starts_are_bound_until_released():
    pin = Pin(ALLOWED[-1:])
    try:
        assert current_affinity() == ALLOWED[-1:]
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(current_affinity).result() == ALLOWED[-1:]
    finally:
        pin.release()
    assert current_affinity() == ALLOWED
    pin.release()
    assert current_affinity() == ALLOWED


def test_nothing_is_bound_where_nothing_is_asked():
    Pin(()).release()
    assert current_affinity() == ALLOWED


def test_a_processor_that_is_not_there_is_refused():
    with pytest.raises(InvalidOptionError, match="pin is '0, 9999'") as caught:
        Pin((0, 9999))
    assert ", ".join(map(str, ALLOWED)) in caught.value.hint
    assert current_affinity() == ALLOWED
