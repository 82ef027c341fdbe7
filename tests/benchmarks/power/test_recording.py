"""Energy between two moments, held against integrals that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.power import Gap, MeterError, Quantity, Trace
from edgekit.benchmarks.power.recording import find_gaps


def trace(times, values, quantity=Quantity.POWER):
    return Trace("x", quantity, np.asarray(times, float), np.asarray(values, float))


def test_linear_power_is_integrated_exactly_between_samples():
    # The integral of 3t from 0.25 to 1.75.
    ramp = trace([0, 1, 2], [0, 3, 6])
    assert ramp.energy_j(0.25, 1.75) == pytest.approx(1.5 * (1.75**2 - 0.25**2))


def test_a_sine_is_integrated_to_what_its_integral_is():
    times = np.linspace(0, 2, 4001)
    wave = trace(times, 2 + np.sin(7 * times))
    start, end = 0.1234, 1.8765
    true = 2 * (end - start) - (np.cos(7 * end) - np.cos(7 * start)) / 7
    assert wave.energy_j(start, end) == pytest.approx(true, rel=1e-6)


def test_a_counter_is_interpolated():
    counter = trace([0, 1, 2], [10, 14, 15], Quantity.ENERGY)
    assert counter.energy_j(0.5, 1.5) == pytest.approx(2.5)


@given(
    st.lists(st.floats(0, 100), min_size=3, max_size=30),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    st.sampled_from(Quantity),
)
def test_energies_of_parts_add_up(values, shares, kind):
    made = trace(
        np.arange(len(values)), np.cumsum(values) if kind is Quantity.ENERGY else values, kind
    )
    first, middle, last = sorted(share * (len(values) - 1) for share in shares)
    parts = made.energy_j(first, middle) + made.energy_j(middle, last)
    assert parts == pytest.approx(made.energy_j(first, last), abs=1e-6)


@pytest.mark.parametrize(("start", "end"), [(-0.1, 1), (0, 2.1), (3, 4)])
def test_what_was_not_recorded_is_refused(start, end):
    with pytest.raises(MeterError, match="which does not hold"):
        trace([0, 1, 2], [1, 1, 1]).energy_j(start, end)


def test_an_empty_trace_holds_nothing():
    with pytest.raises(MeterError, match="recorded nothing"):
        trace([], []).energy_j(0, 1)


def test_samples_are_counted_where_they_are():
    assert trace([0, 1, 2, 3], [0, 0, 0, 0]).samples_within(0.5, 2.5) == 2


def test_gaps_are_much_longer_than_the_period():
    times = np.array([0, 0.1, 0.25, 0.35, 0.9, 1.0])
    assert find_gaps(times, 0.1) == (Gap(0.35, 0.9),)


def test_the_part_of_a_gap_in_a_window():
    gap = Gap(1, 3)
    assert [gap.within(0, 2), gap.within(1.5, 2), gap.within(4, 5)] == [1, 0.5, 0]
