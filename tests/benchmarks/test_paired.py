"""The interval of a paired ratio: what both share falls out of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.paired import paired_ratio_interval

positive = st.floats(1e-3, 1e6)


@given(st.lists(positive, min_size=1, max_size=20), st.floats(0.1, 10))
def test_a_constant_ratio_has_no_width_however_the_machine_drifts(second, ratio):
    first = [value * ratio for value in second]
    low, high = paired_ratio_interval(first, second, seed=0, resamples=50)
    assert low == pytest.approx(ratio)
    assert high == pytest.approx(ratio)


def test_it_covers_the_true_ratio_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    hits = 0
    for repeat in range(200):
        drift = np.exp(np.cumsum(generator.normal(0, 0.1, 30)))
        first = drift * 1.05 * np.exp(generator.normal(0, 0.02, 30))
        second = drift * np.exp(generator.normal(0, 0.02, 30))
        low, high = paired_ratio_interval(list(first), list(second), seed=repeat, resamples=400)
        hits += low <= 1.05 <= high
    assert 180 <= hits <= 200


def test_the_same_seed_gives_the_same_interval():
    first, second = [1.0, 2.0, 4.0], [1.0, 3.0, 2.0]
    interval = paired_ratio_interval(first, second, seed=3)
    assert interval == paired_ratio_interval(first, second, seed=3)
    assert interval[0] < interval[1]


@pytest.mark.parametrize(
    ("first", "second", "confidence"), [([], [], 0.9), ([1.0], [1.0, 2.0], 0.9), ([1.0], [1.0], 1)]
)
def test_what_makes_no_sense_is_refused(first, second, confidence):
    with pytest.raises(InvalidOptionError):
        paired_ratio_interval(first, second, seed=0, confidence=confidence)
