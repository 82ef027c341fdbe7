"""Results that were measured apart are compared by their windows, if they were made alike."""

from dataclasses import replace

import pytest

from edgekit.benchmarks.comparing import MetadataMismatchError, Verdict, compare_results


def test_windows_are_what_is_compared(result):
    first, second = result(100.0, 101.0, 99.0), result(110.0, 111.0, 109.0, model="new")
    comparison = compare_results(first, second, sources=("old.json", "new.json"))
    (group,) = comparison.groups
    assert group.first_us == (100.0, 101.0, 99.0)
    assert group.second_us == (110.0, 111.0, 109.0)
    assert comparison.ratio.value == pytest.approx(1.1)
    assert comparison.verdict is Verdict.SLOWER
    assert not comparison.in_turns
    assert (comparison.first.source, comparison.second.source) == ("old.json", "new.json")
    assert (comparison.first.name, comparison.second.name) == ("tiny", "new")
    assert "separate runs" in comparison.ratio.method


def test_the_other_way_round_it_is_faster(result):
    first, second = result(110.0, 111.0, 109.0), result(100.0, 101.0, 99.0)
    assert compare_results(first, second).verdict is Verdict.FASTER


def test_what_runs_differ_by_anyway_is_no_difference(result):
    first, second = result(*[100.0] * 5), result(*[102.5] * 5)
    assert compare_results(first, second).verdict is Verdict.NO_DIFFERENCE
    assert compare_results(first, second, threshold=0.02).verdict is Verdict.SLOWER
    # However well the windows of each run agree.
    third = result(*[101.9] * 5)
    assert compare_results(first, third, threshold=0.0).verdict is Verdict.NO_DIFFERENCE


def test_a_machine_that_was_slow_for_some_windows_is_no_slower_model(result):
    first, second = result(*[100.0] * 5), result(100.1, 131.0, 131.4, 131.2, 100.3)
    assert compare_results(first, second).verdict is Verdict.NO_DIFFERENCE


def test_windows_that_scatter_are_no_proof(result):
    first, second = result(100.0, 120.0, 90.0), result(104.0, 95.0, 118.0)
    assert compare_results(first, second).verdict is Verdict.NO_DIFFERENCE


def test_what_speaks_against_a_result_is_kept_with_its_source(result):
    steady, wild = result(*[100.0] * 5), result(100.0, 150.0, 100.0, 150.0, 100.0)
    comparison = compare_results(steady, wild, sources=("old.json", "new.json"))
    assert comparison.unstable_reasons == (
        *(f"old.json: {reason}" for reason in steady.unstable_reasons),
        *(f"new.json: {reason}" for reason in wild.unstable_reasons),
    )
    assert any("the windows disagree" in reason for reason in comparison.unstable_reasons)


def test_other_metadata_need_force_and_are_kept(result):
    first, second = result(100.0), result(100.0)
    environment = replace(second.environment, governor="performance")
    second = replace(second, environment=environment)
    with pytest.raises(MetadataMismatchError):
        compare_results(first, second)
    forced = compare_results(first, second, force=True).forced
    assert forced == (f"environment.governor: {first.environment.governor!r} and 'performance'",)
