"""Ratios and their intervals, on latencies of which the truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.comparing import BlockGroup, paired_ratio, separate_ratio
from edgekit.benchmarks.comparing.ratio import RUN_TO_RUN

LATENCIES = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=20)


def simulated(generator, ratio, *, loads=12, rounds=20, placement=0.005, noise=0.01, drift=0.3):
    """Return groups of a machine that drifts, with a placement of its own for each loading."""
    groups = []
    for _ in range(loads):
        speed = 100 * np.exp(drift * np.cumsum(generator.normal(0, 0.1, rounds)))
        first = speed * np.exp(generator.normal(0, placement) + generator.normal(0, noise, rounds))
        second = speed * np.exp(generator.normal(0, placement) + generator.normal(0, noise, rounds))
        groups.append(BlockGroup(tuple(first.tolist()), tuple((ratio * second).tolist())))
    return groups


@settings(max_examples=40, deadline=None)
@given(LATENCIES, st.floats(0.5, 2.0))
def test_an_exact_ratio_is_found_whatever_the_machine_does(latencies, ratio):
    group = BlockGroup(tuple(latencies), tuple(ratio * value for value in latencies))
    estimate = paired_ratio([group] * 3, seed=0)
    expected = pytest.approx(ratio)
    assert (estimate.ratio, estimate.low, estimate.high) == (expected,) * 3


@settings(max_examples=40, deadline=None)
@given(LATENCIES, LATENCIES)
def test_the_ratio_lies_within_its_interval(first, second):
    apart = separate_ratio(first, second, seed=1)
    assert apart.low * (1 + RUN_TO_RUN) <= apart.ratio * (1 + 1e-9)
    assert apart.high / (1 + RUN_TO_RUN) >= apart.ratio * (1 - 1e-9)
    # The geometric mean of the two in the middle, where their number is even.
    expected = np.exp(np.median(np.log(second)) - np.median(np.log(first)))
    assert apart.ratio == pytest.approx(expected)
    size = min(len(first), len(second))
    group = BlockGroup(tuple(first[:size]), tuple(second[:size]))
    turns = paired_ratio([group], seed=1)
    assert turns.low <= turns.ratio <= turns.high


def test_the_other_way_round_it_is_the_inverse():
    group = BlockGroup((1.0, 2.0, 4.0), (2.0, 3.0, 9.0))
    swapped = BlockGroup(group.second_us, group.first_us)
    ratio, inverse = paired_ratio([group], seed=0).ratio, paired_ratio([swapped], seed=0).ratio
    assert ratio * inverse == pytest.approx(1)
    assert ratio == pytest.approx(2.0)


@pytest.mark.parametrize("true_ratio", [1.0, 1.05])
def test_the_interval_covers_the_truth_on_a_machine_that_drifts(true_ratio):
    generator = np.random.default_rng(7)
    covered = 0
    for seed in range(50):
        estimate = paired_ratio(simulated(generator, true_ratio), seed=seed)
        covered += estimate.low <= true_ratio <= estimate.high
        assert estimate.ratio == pytest.approx(true_ratio, rel=0.015)
    assert covered >= 43


def test_where_memory_lies_is_no_reason_to_be_sure():
    # Blocks of one loading agree to 0.01 %, loadings differ by 2 %.
    generator = np.random.default_rng(3)
    groups = simulated(generator, 1.0, placement=0.02, noise=0.0001)
    estimate = paired_ratio(groups, seed=0)
    assert estimate.high - estimate.low > 0.01


def test_the_same_seed_gives_the_same():
    groups = simulated(np.random.default_rng(1), 1.1)
    assert paired_ratio(groups, seed=2) == paired_ratio(groups, seed=2)
    one, other = groups[0].first_us, groups[0].second_us
    assert separate_ratio(one, other, seed=2) == separate_ratio(one, other, seed=2)


def test_what_has_no_pair_is_refused():
    with pytest.raises(InvalidOptionError, match="groups is 'empty'"):
        paired_ratio([], seed=0)
    with pytest.raises(InvalidOptionError, match=r"blocks is \(2, 1\)"):
        paired_ratio([BlockGroup((1.0, 2.0), (1.0,))], seed=0)
    with pytest.raises(InvalidOptionError, match="blocks is 'empty'"):
        separate_ratio([], [1.0], seed=0)
