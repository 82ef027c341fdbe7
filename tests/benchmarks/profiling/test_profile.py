"""What follows from a profile, and that it comes back from JSON."""

import json
from dataclasses import replace

import pytest

from edgekit.benchmarks import ResultFormatError
from edgekit.benchmarks.profiling import Profile
from edgekit.errors import UnreadableFileError


def test_the_whole_is_what_was_measured_as_a_whole(profile):
    assert profile.whole.value == 5.0
    assert profile.whole.interval == (4.0, 6.0)
    assert profile.call.value == 0.5


def test_coverage_counts_the_call_and_no_negative_times(profile):
    # 0.5 for the call, 4 + 0 + 0.5 for the operators, of 5.
    assert profile.coverage == pytest.approx(1.0)
    assert [profile.share(row) for row in profile.operators] == [0.8, 0.0, 0.1]


def test_a_rate_needs_work_and_a_time_above_zero(profile):
    conv, reshape, dense = profile.operators
    assert profile.rate(conv) == pytest.approx(4000 / 4e-6)
    assert profile.rate(reshape) is None
    assert profile.rate(dense) == pytest.approx(50 / 0.5e-6)
    assert profile.rate(profile.partitions[0]) == pytest.approx(4000 / 3.9e-6)


def test_what_may_not_repeat_is_said(profile):
    spread, rounds = profile.unstable_reasons
    assert spread.startswith("the spread is too wide: MAD of the whole model is 20.0%")
    assert rounds == "too few rounds: 3, less than 5"
    steady = replace(profile, whole_us=(10.0,) * 5)
    assert steady.unstable_reasons == (
        "call and operators are 50.0% of the whole, more than 10% from it",
    )
    assert replace(profile, whole_us=(5.0,) * 5).unstable_reasons == ()


def test_json_comes_back(profile, tmp_path):
    profile.save(tmp_path / "profile.json")
    assert Profile.load(tmp_path / "profile.json") == profile
    written = json.loads((tmp_path / "profile.json").read_text())
    assert written["coverage"] == pytest.approx(1.0)
    assert written["operators"][0]["derived"]["share"] == pytest.approx(0.8)
    assert written["operators"][1]["derived"]["time"]["interval"][0] < 0


def test_other_files_are_refused_with_the_reason(profile, tmp_path):
    path = tmp_path / "profile.json"
    with pytest.raises(UnreadableFileError):
        Profile.load(path)
    path.write_text("{")
    with pytest.raises(UnreadableFileError, match="not JSON"):
        Profile.load(path)
    path.write_text(json.dumps({**profile.to_json(), "schema_version": 99}))
    with pytest.raises(UnreadableFileError, match="schema version is 99"):
        Profile.load(path)
    data = profile.to_json()
    del data["operators"][0]["macs"]
    with pytest.raises(ResultFormatError, match="macs"):
        Profile.from_json(data)
