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
    capture_environment,
)
from edgekit.errors import UnreadableFileError, WriteError
from edgekit.runtime import Backend, Kernels

BACKEND = Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)
STEADY = tuple(100 + (index % 5) / 10 for index in range(100))
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
    samples_us=STEADY,
    peak_rss_bytes=123_456_789,
)


def test_figures_follow_from_the_samples():
    samples = np.array(STEADY)
    figures = RESULT.measurements()
    assert {name: (each.value, each.unit) for name, each in figures.items()} == {
        "latency": (np.median(samples), "us"),
        "latency_p90": (np.percentile(samples, 90), "us"),
        "latency_p99": (np.percentile(samples, 99), "us"),
        "latency_mad": (np.median(np.abs(samples - np.median(samples))), "us"),
        "throughput": (pytest.approx(1e6 / samples.mean()), "1/s"),
        "first_inference": (321.0, "us"),
        "load": (1500.0, "us"),
        "peak_rss": (123_456_789, "bytes"),
    }
    assert "whole process" in figures["peak_rss"].method
    assert RESULT.latency.samples == STEADY
    low, high = RESULT.latency.interval
    assert 100.0 <= low <= 100.2 <= high <= 100.4


@pytest.mark.parametrize("provenance", [Provenance.MEASURED, Provenance.EMULATED])
def test_every_figure_carries_the_targets_provenance(provenance):
    figures = replace(RESULT, provenance=provenance).measurements()
    assert {each.provenance for each in figures.values()} == {provenance}
    assert f"({provenance}" in str(figures["throughput"])


def test_memory_that_is_not_known_is_left_out():
    assert "peak_rss" not in replace(RESULT, peak_rss_bytes=None).measurements()


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=60))
def test_any_samples_make_a_latency_within_its_interval(samples):
    latency = replace(RESULT, samples_us=tuple(samples)).latency
    assert latency.interval[0] <= latency.value <= latency.interval[1]


def test_steady_samples_are_stable():
    assert not RESULT.unstable
    assert RESULT.unstable_reasons == ()


def test_a_wide_spread_is_unstable():
    noisy = replace(RESULT, samples_us=tuple(90.0 + index % 20 for index in range(100)))
    assert noisy.unstable
    (reason,) = noisy.unstable_reasons
    assert reason == "the spread is too wide: MAD is 5.0% of the median, more than 5%"


def test_few_runs_are_unstable():
    (reason,) = replace(RESULT, samples_us=STEADY[:29]).unstable_reasons
    assert reason == "too few runs: 29, less than 30"
    assert not replace(RESULT, samples_us=STEADY[:30]).unstable


def test_all_reasons_are_given():
    assert len(replace(RESULT, samples_us=(1.0, 2.0, 4.0)).unstable_reasons) == 2


def test_it_is_immutable():
    with pytest.raises(FrozenInstanceError):
        RESULT.samples_us = ()
    assert isinstance(RESULT.samples_us, tuple)


def test_a_file_gives_the_same_back(tmp_path):
    RESULT.save(tmp_path / "new" / "result.json")
    assert BenchmarkResult.load(tmp_path / "new" / "result.json") == RESULT
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["result.json"]


def test_the_file_is_versioned_and_has_raw_samples_and_figures(tmp_path):
    RESULT.save(tmp_path / "result.json")
    data = json.loads((tmp_path / "result.json").read_text())
    assert data["schema_version"] == 1
    assert data["samples_us"] == list(STEADY)
    assert data["measurements"]["latency"]["provenance"] == "measured"
    assert data["measurements"]["latency"]["samples"] == []
    assert data["unstable_reasons"] == []
    assert data["options"]["min_seconds"] == 2.0


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        RESULT.save(tmp_path / "file" / "result.json")


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_other_schema_versions_are_refused(version):
    with pytest.raises(ResultFormatError, match=f"schema version is {version!r}") as caught:
        BenchmarkResult.from_json({**RESULT.to_json(), "schema_version": version})
    assert "measure again" in caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"samples_us": []},
        {"samples_us": [1.0, -1.0]},
        {"samples_us": [1.0, float("nan")]},
        {"samples_us": ["x"]},
        {"samples_us": None},
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


@pytest.mark.parametrize("name", ["samples_us", "model", "provenance", "environment"])
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
        (b'{"schema_version": 1}', "provenance"),
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
