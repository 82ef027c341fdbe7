"""The moving average is the one of the paper, from the first window on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.runtime.streaming import MovingAverage, SampleMismatchError, StreamSettingError


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_it_is_the_mean_of_the_last_windows(windows, classes, count, seed):
    scores = np.random.default_rng(seed).random((count, classes))
    average = MovingAverage(windows, classes)
    found = [average.update(row) for row in scores]
    for j in range(1, count + 1):  # the formula as it is printed, counting from 1
        first = max(1, j - windows + 1)
        expected = sum(scores[k - 1] for k in range(first, j + 1)) / (j - first + 1)
        np.testing.assert_allclose(found[j - 1], expected, rtol=1e-12)


def test_it_does_not_drift_and_results_stay_as_they_were():
    average = MovingAverage(3, 1)
    first = average.update(np.array([1e9]))
    for _ in range(10_000):
        last = average.update(np.array([0.1]))
    assert last == pytest.approx(0.1, rel=1e-15)
    assert first == 1e9


def test_after_a_reset_old_windows_count_no_more():
    average = MovingAverage(4, 2)
    average.update(np.array([1.0, 0.0]))
    average.reset()
    assert average.update(np.array([0.0, 0.5])).tolist() == [0.0, 0.5]


@pytest.mark.parametrize("scores", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], [1.0, np.nan]])
def test_other_scores_are_refused(scores):
    with pytest.raises(SampleMismatchError, match="2 finite ones are taken"):
        MovingAverage(3, 2).update(np.array(scores))


@pytest.mark.parametrize("numbers", [(0, 2), (2, 0)])
def test_numbers_must_be_positive(numbers):
    with pytest.raises(StreamSettingError, match="0"):
        MovingAverage(*numbers)
