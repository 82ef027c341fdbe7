"""A comparison says what its blocks say, and comes back from files."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from edgekit.benchmarks import (
    InvalidOptionError,
    Provenance,
    ResultFormatError,
    capture_environment,
    capture_state,
)
from edgekit.benchmarks.comparing import (
    BlockGroup,
    CompareOptions,
    Comparison,
    Subject,
    Verdict,
    compare_results,
)
from edgekit.errors import UnreadableFileError
from edgekit.runtime import Backend, Kernels

STATE = capture_state()


def groups(ratio, scatter=0.0):
    """Return groups with this ratio, and loadings that scatter around it."""
    return tuple(
        BlockGroup((100.0,) * 5, (100.0 * ratio * (1 + scatter * step),) * 5)
        for step in (-2, -1, 0, 1, 2)
    )


COMPARISON = Comparison(
    first=Subject("old", "old.edgekit", "aa" * 32),
    second=Subject("new", "new.edgekit", "bb" * 32),
    target="host",
    provenance=Provenance.MEASURED,
    inputs="random, seed 0",
    started_at="2024-05-06T07:08:09+00:00",
    threshold=0.02,
    options=CompareOptions(),
    environment=capture_environment(Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)),
    groups=groups(1.0),
    states=(STATE, STATE),
)


@pytest.mark.parametrize(
    ("ratio", "scatter", "verdict"),
    [
        (1.0, 0.0, Verdict.NO_DIFFERENCE),
        (1.05, 0.001, Verdict.SLOWER),
        (0.95, 0.001, Verdict.FASTER),
        # Certain, but less than what is called a difference.
        (1.01, 0.0001, Verdict.NO_DIFFERENCE),
        (0.99, 0.0001, Verdict.NO_DIFFERENCE),
        # Large, but uncertain.
        (1.05, 0.05, Verdict.NO_DIFFERENCE),
        (0.95, 0.05, Verdict.NO_DIFFERENCE),
    ],
)
def test_the_verdict_asks_for_certainty_and_for_size(ratio, scatter, verdict):
    comparison = replace(COMPARISON, groups=groups(ratio, scatter))
    assert comparison.verdict is verdict
    assert comparison.ratio.value == pytest.approx(ratio)


def test_the_threshold_decides_what_is_called_a_difference():
    small = replace(COMPARISON, groups=groups(1.01, 0.0001))
    assert replace(small, threshold=0.005).verdict is Verdict.SLOWER


@pytest.mark.parametrize(
    ("ratio", "scatter", "limit", "slower"),
    [
        (1.06, 0.001, 0.05, True),
        (1.04, 0.001, 0.05, False),
        (1.06, 0.05, 0.05, False),
        (0.9, 0.001, 0.05, False),
        (1.01, 0.001, 0.0, True),
    ],
)
def test_slower_by_a_limit(ratio, scatter, limit, slower):
    assert replace(COMPARISON, groups=groups(ratio, scatter)).is_slower_by(limit) is slower


def test_the_ratio_carries_provenance_interval_and_method():
    ratio = replace(COMPARISON, groups=groups(1.05, 0.01)).ratio
    assert ratio.provenance is Provenance.MEASURED
    low, high = ratio.interval
    assert 1.02 < low < 1.05 < high < 1.08
    assert ratio.method == "blocks in turns, 5 loads, 95% bootstrap interval over loads and blocks"


def test_latencies_do_not_contradict_the_ratio_on_a_machine_of_two_speeds():
    # Of the first, most blocks fell into fast moments; of the second, into slow ones.
    group = BlockGroup((100.0, 100.0, 160.0), (100.0, 160.0, 160.0))
    turns = BlockGroup((100.0, 160.0, 160.0), (100.0, 100.0, 160.0))
    first, second = replace(COMPARISON, groups=(group, turns)).latencies()
    assert first.value == pytest.approx(second.value)
    assert first.unit == "us"
    assert second.method == "geometric mean of 6 medians of blocks"


def test_latencies_of_results_are_medians_of_windows(result):
    first, second = compare_results(result(100.0, 101.0, 150.0), result(7.0)).latencies()
    assert (first.value, second.value) == (101.0, 7.0)
    assert first.method == "median of 3 windows"


def test_what_disturbed_the_machine_is_told():
    busy = replace(STATE, clock_s=STATE.clock_s + 10, busy_s=(STATE.busy_s or 0.0) + 10)
    (reason,) = replace(COMPARISON, states=(STATE, busy)).unstable_reasons
    assert "other processes kept 1.00 processors busy" in reason
    assert COMPARISON.unstable_reasons == ()


def test_it_is_immutable_and_whole():
    with pytest.raises(FrozenInstanceError):
        COMPARISON.threshold = 0.5
    with pytest.raises(InvalidOptionError, match=r"threshold is 1\.5"):
        replace(COMPARISON, threshold=1.5)
    with pytest.raises(InvalidOptionError, match="groups is 'empty'"):
        replace(COMPARISON, groups=())


def test_a_file_gives_the_same_back(tmp_path, result):
    apart = compare_results(result(100.0), result(101.0))
    for number, comparison in enumerate((COMPARISON, apart)):
        path = tmp_path / f"{number}.json"
        comparison.save(path)
        assert Comparison.load(path) == comparison


def test_the_file_is_versioned_and_says_the_verdict(tmp_path):
    COMPARISON.save(tmp_path / "c.json")
    data = json.loads((tmp_path / "c.json").read_text())
    assert data["schema_version"] == 1
    assert data["verdict"] == "no difference seen"
    assert data["ratio"]["value"] == 1.0
    assert data["latencies"]["first"]["unit"] == "us"
    assert len(data["groups"]) == 5


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_other_schema_versions_are_refused(version):
    with pytest.raises(ResultFormatError, match=f"schema version is {version!r}"):
        Comparison.from_json({**COMPARISON.to_json(), "schema_version": version})


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": [{}]},
        {"groups": None},
        {"first": {"name": "x"}},
        {"options": {}},
        {"environment": {}},
        {"provenance": "guessed"},
        {"threshold": None},
        {"surprise": 1},
    ],
)
def test_fields_of_the_wrong_kind_are_refused(changes):
    with pytest.raises(ResultFormatError):
        Comparison.from_json({**COMPARISON.to_json(), **changes})


def test_garbage_is_a_clear_error(tmp_path):
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(UnreadableFileError, match="schema version is None"):
        Comparison.load(tmp_path / "c.json")
