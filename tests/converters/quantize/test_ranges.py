"""Chosen ranges against NumPy's percentiles, a search by brute force and ONNX Runtime's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnxruntime.quantization.calibrate import HistogramCollector
from scipy.stats import entropy

from edgekit.bundle.manifest import Scheme
from edgekit.converters.quantize.histogram import Histogram
from edgekit.converters.quantize.parameters import ACTIVATIONS, quantize_values
from edgekit.converters.quantize.ranges import PERCENTILE, Range, choose_range
from edgekit.converters.request import CalibrationMethod

INT8, INT16 = ACTIVATIONS[Scheme.INT8], ACTIVATIONS[Scheme.INT16X8]
SAMPLE = 50_000


def histogram_of(values):
    histogram = Histogram()
    histogram.add(values.astype(np.float32))
    return histogram


def chosen(values, method, activations=INT8):
    return choose_range(histogram_of(values), CalibrationMethod(method), activations)


def error_of(values, low, high, activations=INT8):
    """The mean squared error of values that go through integers and back."""
    grid = activations.parameters(low, high)
    integers = quantize_values(values, grid, activations.dtype).astype(np.float64)
    return np.mean((values - (integers - grid.zero_points[0]) * grid.scales[0]) ** 2)


def normal():
    return np.random.default_rng(3).standard_normal(SAMPLE).astype(np.float32)


def heavy_tailed():
    return np.random.default_rng(4).standard_t(2, SAMPLE).astype(np.float32)


def rectified():
    return np.maximum(heavy_tailed(), 0)


DISTRIBUTIONS = [normal, heavy_tailed, rectified, lambda: -rectified(), lambda: heavy_tailed() + 3]


@pytest.mark.parametrize("make", DISTRIBUTIONS)
@pytest.mark.parametrize("activations", [INT8, INT16])
def test_min_max_is_exact(make, activations):
    values = make()

    assert chosen(values, "min-max", activations) == Range(values.min(), values.max())


@pytest.mark.parametrize("make", DISTRIBUTIONS)
def test_percentiles_are_those_of_the_sorted_values_to_within_a_bin(make):
    values = make()
    sides = 2 if values.min() < 0 < values.max() else 1
    cut = int(SAMPLE * (100 - PERCENTILE) / 100 / sides)
    low, *_, high = np.sort(values)[cut : SAMPLE - cut]
    width = histogram_of(values).width

    result = chosen(values, "percentile")

    assert low - width <= result.low <= low
    assert high <= result.high <= high + width


@pytest.mark.parametrize("make", DISTRIBUTIONS)
def test_least_squares_are_as_good_as_a_search_over_both_ends(make):
    values = make()
    steps = np.linspace(0.04, 1, 25)
    lows = min(values.min(), 0) * steps if values.min() < 0 else [0.0]
    highs = max(values.max(), 0) * steps if values.max() > 0 else [0.0]
    best = min(error_of(values, low, high) for low in lows for high in highs)

    result = chosen(values, "mse")

    assert error_of(values, result.low, result.high) <= best * 1.02


def test_outliers_are_clipped_where_that_pays_and_nothing_where_it_does_not():
    spread = np.random.default_rng(0).uniform(-1, 2, SAMPLE).astype(np.float32)
    outlier = np.append(spread, np.float32(40))

    kept = chosen(spread, "mse")
    assert kept.low < -0.98
    assert kept.high > 1.96
    assert chosen(outlier, "percentile").high < 2.1
    assert chosen(outlier, "entropy").high < 10
    # One value in 50,001: clipping it costs more than coarse steps for all the others.
    assert chosen(outlier, "mse").high > 35
    assert chosen(normal(), "mse").high < normal().max()


def test_least_squares_keep_all_of_what_int16_holds_finer_than_the_bins():
    values = heavy_tailed()

    assert chosen(values, "mse", INT16) == Range(values.min(), values.max())


def divergence(counts, start, end, levels):
    """The Kullback-Leibler divergence of counts within a cut, bin by bin as it is defined."""
    within = [float(count) for count in counts[start:end]]
    reference = list(within)
    reference[0] += sum(counts[:start])
    reference[-1] += sum(counts[end:])
    told = [0.0] * len(within)
    for level in range(levels):
        bins = [i for i in range(len(within)) if i * levels // len(within) == level]
        used = [i for i in bins if reference[i]]
        for i in used:
            told[i] = max(sum(within[j] for j in bins) / len(used), 1e-4)
    return float(entropy(reference, told))


@pytest.mark.parametrize("activations", [INT8, replace(INT8, symmetric=True)])
def test_entropy_has_the_least_divergence(activations):
    values = np.random.default_rng(2).laplace(size=SAMPLE)
    histogram = histogram_of(values)
    reach = max(-histogram.first, histogram.first + len(histogram.counts))

    result = chosen(values, "entropy", activations)

    edge = round(max(-result.low, result.high) / histogram.width)
    size = len(histogram.counts)
    divergences = {}
    for cut in (edge - 300, edge - 60, edge, edge + 60, edge + 300, reach):
        start, end = max(0, -cut - histogram.first), min(size, cut - histogram.first)
        divergences[cut] = divergence(histogram.counts.tolist(), start, end, 256)
    assert min(divergences, key=divergences.get) == edge


@pytest.mark.parametrize("spread", ["laplace", "normal", "logistic"])
def test_entropy_is_near_onnx_runtimes(spread):
    """Two implementations differ by some bins.

    ONNX Runtime leaves the bins that do not divide evenly to the last integer.
    """
    values = getattr(np.random.default_rng(2), spread)(size=SAMPLE).astype(np.float32)
    reach = np.abs(values).max()
    counts, edges = np.histogram(values, 1023, (-reach, reach))
    collector = HistogramCollector("entropy", True, 1023, 256, 99.99, None)  # noqa: FBT003
    given = (counts, edges.astype(np.float32), values.min(), values.max())
    low, high = (float(end) for end in collector.get_entropy_threshold(given, 256))

    result = chosen(values, "entropy")

    assert (result.high - result.low) / (high - low) == pytest.approx(1, abs=0.3)


finite = st.floats(-1e6, 1e6, width=32)


@settings(deadline=None)
@example([3.298812050991901e-19], CalibrationMethod.MSE, INT8)  # below the smallest step
@given(
    st.lists(finite, min_size=1, max_size=200),
    st.sampled_from(CalibrationMethod),
    st.sampled_from([INT8, INT16]),
)
def test_a_range_is_never_wider_than_what_was_seen(listed, method, activations):
    values = np.array(listed, np.float32)

    result = chosen(values, method, activations)

    assert values.min() <= result.low <= result.high <= values.max()


@settings(deadline=None)
@given(st.lists(finite, min_size=1, max_size=200))
def test_least_squares_are_never_worse_than_min_max(listed):
    values = np.array(listed, np.float32)
    histogram = histogram_of(values)
    middles = np.repeat(histogram.centres, histogram.counts)
    result = chosen(values, "mse")

    if middles.size:
        assert error_of(middles, result.low, result.high) <= error_of(
            middles, float(values.min()), float(values.max())
        ) * (1 + 1e-6)
