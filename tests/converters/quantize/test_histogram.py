"""Histograms whose range grows lose nothing, whatever the order of what they see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edgekit.converters.quantize.histogram import LIMIT, Histogram

FLOATS = arrays.arrays(
    np.float32,
    st.integers(1, 40),
    elements=st.floats(-1e8, 1e8, width=32, allow_subnormal=True),
)


def histogram_of(*parts):
    histogram = Histogram()
    for part in parts:
        histogram.add(part)
    return histogram


def state(histogram):
    return (
        histogram.low,
        histogram.high,
        histogram.zeros,
        histogram.first,
        histogram.exponent,
        histogram.counts.tolist(),
    )


@given(st.lists(FLOATS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_and_the_cut_of_samples_do_not_matter(parts, random):
    shuffled = list(parts)
    random.shuffle(shuffled)

    expected = state(histogram_of(np.concatenate(parts)))

    assert state(histogram_of(*parts)) == expected
    assert state(histogram_of(*shuffled)) == expected


@given(st.lists(FLOATS, min_size=1, max_size=4))
def test_every_value_is_counted_in_its_bin(parts):
    histogram, values = histogram_of(*parts), np.concatenate(parts)
    edges = (histogram.first + np.arange(len(histogram.counts) + 1)) * histogram.width

    # NumPy counts the last edge in the last bin; no value lies on it.
    expected, _ = np.histogram(values[values != 0].astype(np.float64), edges)

    assert histogram.counts.tolist() == expected.tolist()
    assert histogram.zeros == np.count_nonzero(values == 0)
    assert (histogram.low, histogram.high) == (values.min(), values.max())


@given(FLOATS)
def test_its_size_is_bounded_and_used(values):
    histogram = histogram_of(values)

    assert len(histogram.counts) <= LIMIT
    if np.ptp([*values, 0.0]) > 2e-38:  # below, bins are as fine as they come
        assert len(histogram.counts) > LIMIT // 2 - 1


@pytest.mark.parametrize("value", [0.0, 3.0, -3.0, 1e-42, 1e8])
def test_one_value(value):
    histogram = histogram_of(np.full(5, value, np.float32))

    assert histogram.counts.sum() + histogram.zeros == 5
    if value:
        (place,) = np.flatnonzero(histogram.counts)
        assert abs(histogram.centres[place] - np.float32(value)) <= histogram.width / 2
