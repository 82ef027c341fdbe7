"""`edgekit report` writes what it was asked for, or nothing."""

import json

import pytest

from edgekit.benchmarks import BenchmarkOptions, benchmark
from edgekit.benchmarks.records import Record, ResultsDatabase
from edgekit.errors import UnreadableFileError


@pytest.fixture(autouse=True)
def run(tmp_path, tflite_models):
    bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    options = BenchmarkOptions(windows=2, window_seconds=0.02, warmup_seconds=0.0)
    result = benchmark(bundle, options=options)
    result.save(tmp_path / "run.json")
    return result


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.html", "<!doctype html>"), ("a.md", "# tiny"), ("a.csv", "subject,figure,")],
)
def test_the_name_tells_the_format(succeed, tmp_path, name, start):
    text = succeed("report", "run.json", "pair.edgekit", "-o", name)
    assert text.startswith(f"{name} written: Summary")
    assert (tmp_path / name).read_text().startswith(start)


def test_without_a_file_it_is_printed(succeed):
    assert succeed("report", "run.json").startswith("# tiny")
    assert succeed("report", "run.json", "--format", "csv").startswith("subject,figure,")


def test_json_tells_what_was_written(succeed):
    data = json.loads(succeed("report", "run.json", "-o", "a.html", "--json"))
    assert data["format"] == "html"
    assert data["figures"] > 5


def test_an_unknown_ending_is_a_matter_of_usage(invoke):
    result = invoke("report", "run.json", "-o", "a.pdf")
    assert result.exit_code == 2
    assert "end it in .html, .md, .csv" in result.output


def test_a_name_and_a_format_that_contradict_each_other_are_a_matter_of_usage(invoke, tmp_path):
    result = invoke("report", "run.json", "-o", "a.html", "--format", "csv")
    assert result.exit_code == 2
    assert "'a.html' is a name for html, --format asks for csv" in result.output
    assert not (tmp_path / "a.html").exists()


def test_ids_are_looked_for_in_the_database_that_was_named(succeed, run, tmp_path):
    record = Record.of(run.to_json(), None)
    ResultsDatabase(tmp_path / "other.db").add(record)
    said = succeed("report", record.id[:8], "--database", "other.db", "--format", "csv")
    assert said.startswith("subject,figure,")


def test_nothing_is_written_where_an_input_is_bad(invoke, tmp_path):
    (tmp_path / "bad.json").write_text('{"schema_version": 99}')
    result = invoke("report", "run.json", "bad.json", "-o", "a.html")
    assert isinstance(result.exception, UnreadableFileError)
    assert not (tmp_path / "a.html").exists()
