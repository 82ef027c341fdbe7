"""SQNR and cosine against NumPy's and SciPy's own formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cosine as cosine_distance

from edgekit.converters.parity.metrics import LOWEST_DB, PairedSums, sqnr_db

numbers = st.floats(-1e4, 1e4, width=32).filter(lambda x: x == 0 or abs(x) > 1e-4)
vectors = hnp.arrays(np.float32, st.integers(2, 20), elements=numbers)


@given(st.data())
def test_like_the_formulas(data):
    pairs = []
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(vectors)
        second = data.draw(hnp.arrays(np.float32, first.shape, elements=numbers))
        pairs.append((first, second))
    sums = PairedSums()
    for first, second in pairs:
        sums.add(first.reshape(1, -1), second.reshape(1, -1))
    one = np.concatenate([first for first, _ in pairs]).astype(float)
    other = np.concatenate([second for _, second in pairs]).astype(float)
    noise = np.var(one - other) + np.mean(one - other) ** 2
    if not noise:
        assert sums.sqnr_db == math.inf
    elif not one.any():
        assert sums.sqnr_db == LOWEST_DB
    else:
        assert sums.sqnr_db == pytest.approx(20 * np.log10(np.sqrt(np.mean(one**2) / noise)))
    if one.any() and other.any():
        assert sums.cosine == pytest.approx(1 - cosine_distance(one, other), abs=1e-9)
    else:
        assert sums.cosine == float(one.any() == other.any())


def test_figures_that_can_be_checked_by_hand():
    assert sqnr_db(np.array([3.0, 4.0]), np.array([3.0, 3.5])) == pytest.approx(20)
    assert sqnr_db(np.array([1.0]), np.array([2.0])) == 0
    sums = PairedSums()
    sums.add(np.array([1, 0]), np.array([1, 1]))
    assert sums.cosine == pytest.approx(math.sqrt(0.5))
    assert PairedSums().sqnr_db == math.inf
    assert PairedSums().cosine == 1


def test_integers_do_not_overflow():
    large = np.full(4, 2**62, np.int64)
    assert sqnr_db(large, large) == math.inf
    assert sqnr_db(np.int8([-128]), np.int8([127])) == pytest.approx(-5.99, abs=0.01)
    assert sqnr_db(np.array([True, False]), np.array([True, True])) == 0


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_equals_itself(odd):
    first = np.array([1.0, odd, 2.0])
    assert sqnr_db(first, first.copy()) == math.inf
    assert sqnr_db(first, np.array([1.0, odd, 2.2])) == pytest.approx(10 * math.log10(5 / 0.04))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1.0, 2.0], [1.0, math.nan]),
        ([math.nan, 2.0], [1.0, 2.0]),
        ([1.0, math.inf], [1.0, 2.0]),
        ([math.inf], [-math.inf]),
        ([math.inf], [math.nan]),
    ],
)
def test_finite_in_one_alone_is_as_bad_as_can_be(first, second):
    sums = PairedSums()
    sums.add(np.array([5.0]), np.array([5.0]))
    sums.add(np.array(first), np.array(second))
    sums.add(np.array([5.0]), np.array([5.0]))
    assert sums.sqnr_db == LOWEST_DB
    assert sums.cosine == 0


def test_integers_are_counted_where_they_are_equal():
    sums = PairedSums()
    sums.add(np.array([7, 8, -1]), np.array([7, 80, -1]))
    sums.add(np.array([[True]]), np.array([[False]]))
    assert sums.equal_percent == 50.0


def test_floats_are_not_counted():
    sums = PairedSums()
    sums.add(np.ones(3, np.float32), np.ones(3, np.float32))
    assert sums.equal_percent is None
