"""What a row says: medians that are not negative, intervals that may be, and intensity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.profiling import OperatorProfile, PartitionProfile
from edgekit.benchmarks.profiling.operator import added_time


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_a_time_is_never_negative_and_lies_in_its_interval(added):
    time = added_time(added, seed=0)
    assert time.value >= 0
    assert time.interval[0] <= time.value <= time.interval[1]
    assert time.samples == tuple(added)


def test_a_negative_difference_shows_in_the_interval():
    time = added_time([-3.0, -2.0, -1.0], seed=0)
    assert time.value == 0.0
    assert time.interval == (-3.0, 0.0)


def test_intensity_is_work_for_each_byte():
    assert OperatorProfile(0, "CONV_2D", "y", None, 600, 200, (1.0,)).intensity == 3.0
    assert OperatorProfile(0, "SHAPE", "y", None, 0, 0, (1.0,)).intensity == 0.0
    assert PartitionProfile((0, 1), 100, 400, (1.0,)).intensity == 0.25


@pytest.mark.parametrize(
    "row",
    [
        OperatorProfile(3, "CONV_2D", "y", 1, 600, 200, (1.0, 2.0)),
        PartitionProfile((3, 4), 600, 200, (1.0, 2.0)),
    ],
)
def test_json_comes_back(row):
    assert type(row).from_json(row.to_json()) == row
