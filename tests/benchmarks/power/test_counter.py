"""What a counter counted is found across wraps, or refused where it cannot be known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.power import MeterError
from edgekit.benchmarks.power.counter import unwrap

SPAN = 1_000


@given(
    start=st.integers(0, SPAN - 1),
    steps=st.lists(st.integers(0, SPAN - 1), min_size=1, max_size=50),
)
def test_any_counts_below_the_span_are_found_again(start, steps):
    true = np.concatenate(([0], np.cumsum(steps)))
    readings = (start + true) % SPAN
    times = np.arange(true.size) * 0.001
    found = unwrap(times, readings, span=SPAN, max_rate=SPAN / 0.01, meter="m")
    assert found.tolist() == true.tolist()


def test_readings_so_far_apart_that_it_may_have_wrapped_twice_are_refused():
    with pytest.raises(MeterError, match="how often it did cannot be told") as caught:
        unwrap([0, 1, 11], [5, 6, 7], span=SPAN, max_rate=100, meter="m")
    assert "sleeping" in caught.value.hint
    assert unwrap([0, 1, 10.9], [5, 6, 7], span=SPAN, max_rate=100, meter="m")[-1] == 2


def test_a_single_reading_counted_nothing():
    assert unwrap([0], [5], span=SPAN, max_rate=1, meter="m").tolist() == [0]
