"""A thread puts, another takes: nothing lost when it may wait, counted when it may not."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.errors import UnknownNameError
from edgekit.runtime.streaming import (
    BackPressure,
    ClosedStreamError,
    SampleMismatchError,
    StalledError,
    StreamSettingError,
    Windowing,
    WindowStream,
)


def numbers(count):
    return np.arange(count, dtype=np.float32)


def in_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 8),
    st.integers(1, 8),
    st.integers(0, 9),
    st.lists(st.integers(0, 40), max_size=15),
)
def test_a_blocking_stream_gives_every_window_once(window, hop, more, sizes):
    stream = WindowStream(Windowing(window, hop), policy=BackPressure.BLOCK, capacity=window + more)
    samples = numbers(sum(sizes))

    def produce():
        for chunk in np.split(samples, np.cumsum(sizes)[:-1]) if sizes else []:
            stream.put(chunk)
        stream.end()

    producer = in_thread(produce)
    taken = list(stream)
    producer.join(10)
    starts = range(0, max(0, len(samples) - window + 1), hop)
    assert [each.values.tolist() for each in taken] == [
        samples[start : start + window].tolist() for start in starts
    ]
    assert stream.counts.dropped_windows == stream.counts.lost_samples == 0
    assert stream.counts.samples == len(samples)


def test_a_late_consumer_of_a_live_sensor_gets_the_newest_and_the_count():
    stream = WindowStream(Windowing(4, 2), policy=BackPressure.DROP_OLDEST, capacity=6)
    stream.put(numbers(4))
    stream.put(4 + numbers(7))
    stream.end()
    taken = list(stream)
    assert [(each.first, each.skipped) for each in taken] == [(6, 3)]
    assert taken[0].values.tolist() == [6, 7, 8, 9]
    counts = stream.counts
    assert (counts.samples, counts.windows, counts.dropped_windows) == (11, 1, 3)
    assert (counts.lost_samples, counts.waiting) == (6, 1)


def test_blocking_waits_for_room_and_no_longer():
    stream = WindowStream(Windowing(4, 4), policy=BackPressure.BLOCK, capacity=4)
    stream.put(numbers(4))
    producer = in_thread(stream.put, 4 + numbers(4))
    producer.join(0.05)
    assert producer.is_alive()
    assert next(stream).values.tolist() == [0, 1, 2, 3]
    producer.join(10)
    assert not producer.is_alive()
    assert next(stream).values.tolist() == [4, 5, 6, 7]


def test_a_stalled_sensor_is_told_and_nothing_is_lost():
    stream = WindowStream(Windowing(4, 4), policy=BackPressure.DROP_OLDEST, stall_timeout_s=0.05)
    stream.put(numbers(3))
    for _ in range(2):  # each attempt waits anew
        began = time.monotonic()
        with pytest.raises(StalledError, match=r"no sample came for 0\.05 s, after 3") as caught:
            next(stream)
        assert time.monotonic() - began >= 0.05
        assert (caught.value.samples, caught.value.waited_s) == (3, 0.05)
    stream.put(3 + numbers(1))
    assert next(stream).values.tolist() == [0, 1, 2, 3]


def test_every_sample_starts_the_wait_anew():
    stream = WindowStream(Windowing(5, 5), policy=BackPressure.DROP_OLDEST, stall_timeout_s=1.0)

    def slow_sensor():
        for number in range(5):
            time.sleep(0.3)
            stream.put([float(number)])

    producer = in_thread(slow_sensor)
    assert next(stream).values.tolist() == [0, 1, 2, 3, 4]  # after 1.5 s
    producer.join(10)


def test_what_lies_before_a_stall_can_be_discarded():
    stream = WindowStream(Windowing(4, 1), policy=BackPressure.DROP_OLDEST, stall_timeout_s=0.01)
    stream.put(numbers(3))
    with pytest.raises(StalledError):
        next(stream)
    stream.discard()
    stream.put(10 + numbers(4))
    window = next(stream)
    assert (window.first, window.skipped, window.values.tolist()) == (3, 3, [10, 11, 12, 13])


def test_closing_frees_a_producer_that_waits():
    failures = []

    def produce():
        try:
            stream.put(numbers(100))
        except ClosedStreamError as error:
            failures.append(error)

    with WindowStream(Windowing(2, 2), policy=BackPressure.BLOCK) as stream:
        producer = in_thread(produce)
        next(stream)
    producer.join(10)
    assert "closed by its consumer" in str(failures[0])
    with pytest.raises(ClosedStreamError, match="was closed"):
        next(stream)


def test_closing_frees_a_consumer_that_waits():
    stream = WindowStream(Windowing(2, 2), policy=BackPressure.BLOCK)
    failures = []

    def consume():
        try:
            next(stream)
        except ClosedStreamError as error:
            failures.append(error)

    consumer = in_thread(consume)
    stream.close()
    consumer.join(10)
    assert failures


def test_an_ended_stream_takes_no_more():
    stream = WindowStream(Windowing(2, 2), policy=BackPressure.DROP_OLDEST)
    stream.end()
    with pytest.raises(ClosedStreamError, match="was ended"):
        stream.put(numbers(1))


def test_what_makes_no_sense_is_refused():
    windowing = Windowing(2, 2)
    with pytest.raises(StreamSettingError, match="stall_timeout_s: 0 s"):
        WindowStream(windowing, policy=BackPressure.BLOCK, stall_timeout_s=0)
    with pytest.raises(StreamSettingError, match="cannot hold a window"):
        WindowStream(windowing, policy=BackPressure.BLOCK, capacity=1)
    with pytest.raises(UnknownNameError) as caught:
        WindowStream(windowing, policy="drop_newest")
    assert "drop_oldest" in caught.value.hint
    with pytest.raises(SampleMismatchError):
        WindowStream(windowing, policy=BackPressure.BLOCK).put(np.zeros((2, 3)))
