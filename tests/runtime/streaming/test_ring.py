"""No sample is lost or comes twice, however a stream is cut into chunks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from edgekit.runtime.streaming import StreamSettingError, Windowing, sliding_windows
from edgekit.runtime.streaming.ring import SampleRing

lengths = st.integers(1, 9)
shapes = st.sampled_from([(), (2,), (3, 1)])


def samples(count, shape):
    """Every value is different, so that no two samples can be taken for one another."""
    return np.arange(count * int(np.prod(shape)), dtype=np.float32).reshape(count, *shape)


def golden(stream, window, hop):
    """Return the windows by NumPy alone: ``[count, window, *sample_shape]``."""
    if len(stream) < window:
        return np.empty((0, window, *stream.shape[1:]), stream.dtype)
    return np.moveaxis(sliding_window_view(stream, window, axis=0)[::hop], -1, 1)


@given(lengths, lengths, shapes, st.lists(st.integers(0, 25), max_size=12))
def test_windows_are_those_of_numpy_for_any_chunks(window, hop, shape, sizes):
    stream = samples(sum(sizes), shape)
    chunks = np.split(stream, np.cumsum(sizes)[:-1]) if sizes else []
    windows = list(sliding_windows(chunks, Windowing(window, hop, shape)))
    expected = golden(stream, window, hop)
    assert [each.first for each in windows] == list(range(0, hop * len(expected), hop))
    assert all(each.skipped == 0 for each in windows)
    for each, values in zip(windows, expected, strict=True):
        np.testing.assert_array_equal(each.values, values)


@given(st.data(), lengths, lengths, shapes)
def test_what_is_dropped_is_whole_windows_and_all_is_accounted_for(data, window, hop, shape):
    ring = SampleRing(
        Windowing(window, hop, shape), data.draw(st.integers(window, 3 * window + hop))
    )
    stream = samples(200, shape)
    put, taken, discarded = 0, [], 0
    for _ in range(data.draw(st.integers(0, 12))):
        size = data.draw(st.integers(0, 16))
        ring.append_dropping(stream[put : put + size])
        put += size
        for _ in range(data.draw(st.integers(0, 3))):
            if ring.ready:
                taken.append(ring.take())
                assert taken[-1].first >= discarded
        if data.draw(st.integers(0, 7)) == 0:
            ring.discard()
            discarded = put
    numbers = [each.first // hop for each in taken]
    expected = golden(stream, window, hop)
    for each, number in zip(taken, numbers, strict=True):
        assert each.first == number * hop
        np.testing.assert_array_equal(each.values, expected[number])
    assert [each.skipped for each in taken] == list(np.diff([-1, *numbers]) - 1)

    counts = ring.counts
    covered = {sample for each in taken for sample in range(each.first, each.end)}
    assert (counts.samples, counts.windows) == (put, len(taken))
    assert counts.dropped_windows == ring._start // hop - len(taken)
    if hop <= window:
        assert len(covered) + counts.lost_samples + counts.waiting == put
    passed = {  # in a window that was taken or dropped, and in none to come
        sample
        for first in range(0, ring._start, hop)
        for sample in range(first, min(first + window, put, ring._start))
    }
    assert counts.lost_samples == len(passed - covered)


@given(lengths, lengths, st.integers(0, 20), st.integers(1, 40))
def test_only_as_much_is_dropped_as_must_be(window, hop, more, count):
    ring = SampleRing(Windowing(window, hop), window + more)
    ring.append_dropping(samples(count, ()))
    excess = max(0, count - window - more)
    assert ring.counts.dropped_windows == -(-excess // hop)
    assert ring.room >= 0


def test_after_discarding_a_window_has_only_new_samples():
    ring = SampleRing(Windowing(4, 3), 12)
    ring.append_dropping(samples(5, ()))
    assert ring.take().first == 0
    ring.discard()
    ring.discard()
    assert ring.counts.lost_samples == 1
    ring.append_dropping(100 + samples(5, ()))
    window = ring.take()
    assert (window.first, window.skipped) == (6, 1)
    assert window.values.tolist() == [101, 102, 103, 104]


def test_taken_windows_belong_to_the_consumer():
    ring = SampleRing(Windowing(3, 1), 3)
    ring.append(np.float32([1, 2, 3]))
    window = ring.take()
    ring.append(np.float32([9]))
    assert window.values.tolist() == [1, 2, 3]
    window.values[:] = 0
    assert ring.take().values.tolist() == [2, 3, 9]


def test_a_ring_holds_a_window_at_least():
    with pytest.raises(StreamSettingError, match="3 samples cannot hold a window of 4"):
        SampleRing(Windowing(4, 1), 3)


def test_memory_does_not_grow_with_the_stream():
    ring = SampleRing(Windowing(4, 2), 8)
    data = ring._data
    for _ in range(1000):
        ring.append_dropping(samples(7, ()))
    assert ring._data is data
    assert data.shape == (8,)
