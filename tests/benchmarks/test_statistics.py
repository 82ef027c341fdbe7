"""Statistics against the standard library, NumPy and SciPy."""

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.statistics import (
    geometric_mean,
    mad,
    median,
    median_interval,
    order_interval,
    p50,
    p90,
    p99,
    percentile,
    throughput,
    trend_p_value,
)

SAMPLES = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=200)


@given(SAMPLES)
def test_median_is_that_of_the_standard_library(samples):
    assert median(samples) == statistics.median(samples)
    assert p50(samples) == pytest.approx(statistics.median(samples), rel=1e-12)


@given(st.lists(st.floats(0.001, 1e9), min_size=2, max_size=200))
def test_percentiles_are_inclusive_quantiles_of_the_standard_library(samples):
    cuts = statistics.quantiles(samples, n=100, method="inclusive")
    assert p90(samples) == pytest.approx(cuts[89], rel=1e-9)
    assert p99(samples) == pytest.approx(cuts[98], rel=1e-9)


@given(SAMPLES, st.floats(0, 100).map(lambda percent: round(percent, 3)))
def test_percentile_is_definition_7(samples, percent):
    expected = stats.mstats.mquantiles(samples, [percent / 100], alphap=1, betap=1)[0]
    assert percentile(samples, percent) == pytest.approx(expected, rel=1e-6)


@given(SAMPLES)
def test_mad_is_unscaled(samples):
    assert mad(samples) == pytest.approx(stats.median_abs_deviation(samples, scale=1.0), abs=1e-9)


@given(SAMPLES)
def test_throughput_is_number_over_time(samples):
    assert throughput(samples) == pytest.approx(len(samples) / (sum(samples) / 1e6))


@given(SAMPLES, st.integers(0, 2**32))
def test_interval_lies_within_the_samples_and_repeats(samples, seed):
    low, high = median_interval(samples, seed=seed)
    assert min(samples) <= low <= high <= max(samples)
    assert (low, high) == median_interval(samples, seed=seed)


@given(st.floats(0.001, 1e9), st.integers(1, 50))
def test_interval_of_equal_samples_is_a_point(value, count):
    low, high = median_interval([value] * count, seed=0)
    assert low == pytest.approx(value)
    assert high == pytest.approx(value)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 25, 100, 501])
def test_interval_is_scipys_bootstrap(count):
    samples = np.random.default_rng(count).lognormal(3, 0.4, count)
    ours = median_interval(samples, seed=1, resamples=20_000)
    if count == 1:  # SciPy wants two
        assert ours == (samples[0], samples[0])
        return
    theirs = stats.bootstrap(
        (samples,), np.median, n_resamples=20_000, method="percentile", rng=2
    ).confidence_interval
    # Both draw at random; few distinct medians are possible where there are few samples.
    ranks = np.sort(samples)
    slack = max(2, 0.02 * count)
    for mine, other in zip(ours, theirs, strict=True):
        assert abs(np.searchsorted(ranks, mine) - np.searchsorted(ranks, other)) <= slack


@pytest.mark.parametrize("count", [2, 3, 6, 7])
def test_drawn_medians_have_the_distribution_of_resampled_ones(count):
    samples = np.arange(1.0, count + 1)
    generator = np.random.default_rng(5)
    naive = np.median(generator.choice(samples, (200_000, count)), axis=1)
    for confidence in (0.5, 0.8, 0.95):
        tail = 50 * (1 - confidence)
        low, high = np.percentile(naive, (tail, 100 - tail))
        ours = median_interval(samples, seed=3, confidence=confidence, resamples=200_000)
        assert ours == pytest.approx((low, high), abs=0.5 if count % 2 == 0 else 0)


def test_interval_covers_the_true_median_as_often_as_it_says():
    generator = np.random.default_rng(11)
    covered = 0
    for seed in range(400):
        low, high = median_interval(generator.lognormal(0, 1, 51), seed=seed)
        covered += low <= 1.0 <= high
    assert 0.92 <= covered / 400 <= 0.985


@pytest.mark.parametrize(
    "statistic",
    [geometric_mean, median, mad, p50, p90, p99, throughput, order_interval, trend_p_value],
)
def test_nothing_is_said_of_no_samples(statistic):
    with pytest.raises(InvalidOptionError, match="samples is 'empty'"):
        statistic([])


def test_arguments_out_of_range_are_refused():
    for percent in (-0.1, 100.1, float("nan")):
        with pytest.raises(InvalidOptionError, match="percent is"):
            percentile([1.0], percent)
    for confidence in (0, 1, 1.5):
        with pytest.raises(InvalidOptionError, match="confidence is"):
            median_interval([1.0], seed=0, confidence=confidence)
    with pytest.raises(InvalidOptionError, match="coverage is"):
        order_interval([1.0], coverage=1.0)


@given(SAMPLES, st.floats(0, 0.999))
def test_an_order_interval_is_as_wide_as_the_binomial_demands(samples, coverage):
    interval = order_interval(samples, coverage=coverage)
    ordered, size = sorted(samples), len(samples)
    ranks = [
        rank
        for rank in range(1, (size + 1) // 2 + 1)
        if 1 - 2 * stats.binom.cdf(rank - 1, size, 0.5) >= coverage
    ]
    rank = max(ranks, default=1)
    assert (interval.low, interval.high) == (ordered[rank - 1], ordered[size - rank])
    expected = max(0.0, 1 - 2 * stats.binom.cdf(rank - 1, size, 0.5))
    assert interval.coverage == pytest.approx(expected, abs=1e-9)


def test_five_windows_are_covered_by_their_range():
    interval = order_interval([5.0, 1.0, 3.0, 2.0, 4.0])
    assert (interval.low, interval.high, interval.coverage) == (1.0, 5.0, 0.9375)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30, unique=True))
def test_the_trend_is_kendalls_test_against_time(values):
    expected = stats.kendalltau(range(len(values)), values, method="exact").pvalue
    assert trend_p_value(values) == pytest.approx(expected, rel=1e-6)


def test_equal_values_are_no_trend():
    assert trend_p_value([3.0]) == pytest.approx(1.0)
    assert trend_p_value([3.0, 3.0, 3.0]) == pytest.approx(1.0)
    assert trend_p_value([1.0, 2.0, 2.0, 2.0]) > trend_p_value([1.0, 2.0, 3.0, 4.0])


@given(SAMPLES)
def test_the_geometric_mean_is_that_of_the_standard_library(samples):
    assert geometric_mean(samples) == pytest.approx(statistics.geometric_mean(samples))


def test_there_is_no_geometric_mean_of_what_is_not_positive():
    with pytest.raises(InvalidOptionError, match=r"samples is 0\.0"):
        geometric_mean([1.0, 0.0])
