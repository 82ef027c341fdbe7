"""Results keep every sample, say how far they can be trusted, and come back from files."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    InvalidOptionError,
    Provenance,
    ResultFormatError,
    Window,
    capture_environment,
    capture_state,
)
from edgekit.errors import UnreadableFileError, WriteError
from edgekit.runtime import Backend, Kernels

BACKEND = Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)
STEADY = tuple(100 + (index % 5) / 10 for index in range(100))


def window(samples, *, runs=None, seconds=1.0):
    samples = tuple(samples)
    return Window(0.0, seconds, runs or len(samples), seconds * 1e6, samples)


WINDOWS = tuple(window(sample + shift for sample in STEADY) for shift in (0, 1, 2, 1, 3))
RESULT = BenchmarkResult(
    model="tiny",
    model_sha256="ab" * 32,
    target="host",
    provenance=Provenance.MEASURED,
    inputs="random, seed 0",
    started_at="2024-05-06T07:08:09+00:00",
    options=BenchmarkOptions(),
    environment=capture_environment(BACKEND),
    load_us=1500.0,
    first_inference_us=321.0,
    warmup_runs=7,
    windows=WINDOWS,
    states=(capture_state(), capture_state()),
    peak_rss_bytes=123_456_789,
)


def test_figures_follow_from_the_windows():
    samples = np.concatenate([np.array(each.samples_us) for each in WINDOWS])
    figures = RESULT.measurements()
    assert {name: (each.value, each.unit) for name, each in figures.items()} == {
        "latency": (pytest.approx(101.2), "us"),
        "latency_p50": (np.median(samples), "us"),
        "latency_p90": (np.percentile(samples, 90), "us"),
        "latency_p99": (np.percentile(samples, 99), "us"),
        "latency_mad": (np.median(np.abs(samples - np.median(samples))), "us"),
        "throughput": (pytest.approx(100.0), "1/s"),
        "first_inference": (321.0, "us"),
        "load": (1500.0, "us"),
        "peak_rss": (123_456_789, "bytes"),
    }
    assert "whole process" in figures["peak_rss"].method
    assert RESULT.latency.samples == RESULT.samples_us == tuple(samples.tolist())


def test_the_latency_is_the_median_of_windows_within_their_range():
    latency = RESULT.latency
    assert latency.interval == (pytest.approx(100.2), pytest.approx(103.2))
    assert latency.method == "median of 5 windows, 94% order interval"


def test_a_disturbed_window_does_not_move_the_latency():
    slow = window([1000.0] * 100)
    assert replace(RESULT, windows=(*WINDOWS[:4], slow)).latency.value == pytest.approx(101.2)


def test_a_single_window_has_an_interval_of_its_samples():
    latency = replace(RESULT, windows=WINDOWS[:1]).latency
    low, high = latency.interval
    assert 100.0 <= low <= 100.2 <= high <= 100.4
    assert latency.method == "median of 1 window, 95 % bootstrap interval"


def test_throughput_counts_all_runs_not_only_those_kept():
    thinned = replace(RESULT, windows=(window(STEADY, runs=5000, seconds=2.0),))
    assert thinned.measurements()["throughput"].value == pytest.approx(2500.0)


@pytest.mark.parametrize("provenance", [Provenance.MEASURED, Provenance.EMULATED])
def test_every_figure_carries_the_targets_provenance(provenance):
    figures = replace(RESULT, provenance=provenance).measurements()
    assert {each.provenance for each in figures.values()} == {provenance}
    assert f"({provenance}" in str(figures["throughput"])


def test_memory_that_is_not_known_is_left_out():
    assert "peak_rss" not in replace(RESULT, peak_rss_bytes=None).measurements()


@given(st.lists(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=9), min_size=1, max_size=9))
def test_any_samples_make_a_latency_within_its_interval(windows):
    latency = replace(RESULT, windows=tuple(map(window, windows))).latency
    assert latency.interval[0] <= latency.value <= latency.interval[1]


def test_steady_windows_are_stable():
    assert not RESULT.unstable
    assert RESULT.unstable_reasons == ()


def test_what_speaks_against_it_is_said():
    noisy = replace(RESULT, windows=(window([1.0, 2.0, 4.0], seconds=0.1),))
    assert noisy.unstable
    assert [reason.partition(":")[0] for reason in noisy.unstable_reasons] == [
        "it was interrupted",
        "the spread is too wide",
        "too few runs",
        "too short",
    ]


def test_it_is_immutable():
    with pytest.raises(FrozenInstanceError):
        RESULT.windows = ()
    assert isinstance(RESULT.samples_us, tuple)


def test_a_file_gives_the_same_back(tmp_path):
    RESULT.save(tmp_path / "new" / "result.json")
    assert BenchmarkResult.load(tmp_path / "new" / "result.json") == RESULT
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["result.json"]


def test_the_file_is_versioned_and_has_raw_samples_and_figures(tmp_path):
    RESULT.save(tmp_path / "result.json")
    data = json.loads((tmp_path / "result.json").read_text())
    assert data["schema_version"] == 2
    assert data["windows"][0]["samples_us"] == list(STEADY)
    assert len(data["states"]) == 2
    assert data["measurements"]["latency"]["provenance"] == "measured"
    assert data["measurements"]["latency"]["samples"] == []
    assert data["unstable_reasons"] == []
    assert data["options"]["window_seconds"] == 10.0


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        RESULT.save(tmp_path / "file" / "result.json")


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_other_schema_versions_are_refused(version):
    with pytest.raises(ResultFormatError, match=f"schema version is {version!r}") as caught:
        BenchmarkResult.from_json({**RESULT.to_json(), "schema_version": version})
    assert "measure again" in caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"windows": []},
        {"windows": [{}]},
        {"windows": None},
        {"states": [{}]},
        {"states": None},
        {"provenance": "guessed"},
        {"load_us": None},
        {"environment": {}},
        {"options": []},
        {"surprise": 1},
    ],
)
def test_fields_of_the_wrong_kind_are_refused(changes):
    with pytest.raises(ResultFormatError):
        BenchmarkResult.from_json({**RESULT.to_json(), **changes})


@pytest.mark.parametrize("name", ["windows", "model", "provenance", "environment"])
def test_a_missing_field_is_refused(name):
    data = RESULT.to_json()
    del data[name]
    with pytest.raises(ResultFormatError, match=name):
        BenchmarkResult.from_json(data)


def test_an_option_out_of_range_is_refused():
    data = RESULT.to_json()
    data["options"]["threads"] = 0
    with pytest.raises(InvalidOptionError, match="threads is 0"):
        BenchmarkResult.from_json(data)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON"),
        (b"\x80\x81", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b"[" * 5_000, "it is not JSON"),
        (b"[]", "schema version is None"),
        (b"7", "schema version is None"),
        (b'{"schema_version": 9}', "schema version is 9"),
        (b'{"schema_version": 1}', "schema version is 1, this edgekit reads 2"),
        (b'{"schema_version": 2}', "provenance"),
    ],
)
def test_garbage_is_a_clear_error(tmp_path, content, why):
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=why) as caught:
        BenchmarkResult.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_a_clear_error(tmp_path):
    with pytest.raises(UnreadableFileError, match="No such file"):
        BenchmarkResult.load(tmp_path / "none.json")
