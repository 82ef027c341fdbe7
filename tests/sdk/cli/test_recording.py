"""A result is kept, and one that cannot be kept is still shown."""

import json

import pytest

from edgekit.benchmarks.records import ResultsDatabase
from edgekit.cli.output import Output
from edgekit.cli.recording import Recording

SHORT = ("benchmark", "pair.edgekit", "--quick", "--window-seconds", "0.01")


@pytest.fixture
def path(tmp_path, monkeypatch, tflite_models):
    tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    path = tmp_path / "results.sqlite3"
    monkeypatch.setenv("EDGEKIT_RESULTS", str(path))
    return path


def test_a_benchmark_is_recorded_and_says_as_what(succeed, path):
    text = succeed(*SHORT)
    (row,) = ResultsDatabase(path).rows()
    assert f"recorded as {row.id[:12]}\n" in text
    assert row.summary.model == "tiny"
    assert row.summary.latency_us > 0
    assert "latency p99" in succeed("results", "show", row.id[:6])


def test_with_json_the_id_goes_to_standard_error(run_main, path):
    status, out, err = run_main(*SHORT, "--json")
    (row,) = ResultsDatabase(path).rows()
    assert status == 0
    assert err.endswith(f"\nrecorded as {row.id[:12]}\n")
    assert ResultsDatabase(path).get(row.id).document == json.loads(out)


def test_it_can_be_left_or_put_elsewhere(succeed, path, tmp_path):
    assert "recorded" not in succeed(*SHORT, "--no-record")
    succeed(*SHORT, "--database", "other.sqlite3")
    assert not path.exists()
    assert len(ResultsDatabase(tmp_path / "other.sqlite3").rows()) == 1


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_result_that_cannot_be_recorded_is_shown(run_main, path, options):
    status, out, err = run_main(*SHORT, "--database", "pair.edgekit/r.sqlite3", *options)
    assert status == 0
    assert "median of" in out
    assert "warning: the result is not recorded: database of results" in err
    assert "  -> " in err


def test_a_damaged_database_is_reported_and_the_result_kept(run_main, path):
    run_main(*SHORT)
    path.write_bytes(bytes(100) + path.read_bytes()[100:])
    status, out, err = run_main(*SHORT)
    assert status == 0
    assert "warning: the database of results was damaged: 1 records were saved, 0 lost" in err
    assert "recorded as" in out
    assert len(ResultsDatabase(path).rows()) == 2


def test_what_is_no_document_is_a_warning(path, capsys):
    recording = Recording(wanted=True, database=path)
    output = Output(json=False, quiet=False, verbose=False)
    assert recording.keep({"model": "m"}, output) == ""
    assert "no whole number as schema_version" in capsys.readouterr().err
    assert recording.keep({"schema_version": 1}, output, kind="profile").startswith("recorded as")


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [("engines", ("pair.edgekit", "-e", "litert")), ("profile", ("pair.edgekit",))],
)
def test_other_kinds_are_recorded(succeed, path, kind, arguments):
    text = succeed(kind, *arguments, "--rounds", "2")
    (row,) = ResultsDatabase(path).rows()
    assert (row.kind, row.summary.model) == (kind, "tiny")
    assert f"recorded as {row.id[:12]}\n" in text
