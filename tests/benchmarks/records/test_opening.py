"""A result is found by a path or by an id."""

import json

import pytest

from edgekit.benchmarks import BenchmarkOptions, benchmark
from edgekit.benchmarks.records import (
    Record,
    UnknownRecordError,
    UnreadableRecordError,
    open_benchmark,
    open_result,
    write_json,
)
from edgekit.errors import UnreadableFileError


@pytest.fixture
def record(database, make_document):
    made = Record.of(make_document(1))
    database.add(made)
    return made


def test_by_the_beginning_of_an_id(database, record, monkeypatch):
    assert open_result(record.id[:6], database) == record
    monkeypatch.setenv("EDGEKIT_RESULTS", str(database.path))
    assert open_result(record.id) == record
    with pytest.raises(UnknownRecordError):
        open_result("0" * 64)


def test_a_file_comes_first(database, record, make_document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / record.id[:6]).write_text(json.dumps(make_document(2)))
    assert open_result(record.id[:6], database).summary.latency_us == 102


def test_a_file_with_several_results_is_refused(record, make_document, tmp_path):
    write_json(tmp_path / "one.json", [record])
    assert open_result(str(tmp_path / "one.json")) == record
    write_json(tmp_path / "two.json", [record, Record.of(make_document(2))])
    with pytest.raises(UnreadableFileError, match="it holds 2 results"):
        open_result(str(tmp_path / "two.json"))


@pytest.mark.parametrize("text", ["none.json", "abc", "not/an/id"])
def test_what_is_neither_is_one_error(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableFileError, match="no such file, and no id of a record"):
        open_result(text)


def test_a_benchmark_is_read_from_a_record_or_a_file(database, tmp_path, tflite_models):
    bundle = tflite_models.float_bundle(tmp_path / "m.edgekit").path
    options = BenchmarkOptions(windows=2, window_seconds=0.0, window_runs=3, warmup_seconds=0.0)
    result = benchmark(bundle, options=options)
    recorded = Record.of(result.to_json())
    database.add(recorded)
    result.save(tmp_path / "result.json")
    assert open_benchmark(recorded.id[:8], database) == result
    assert open_benchmark(str(tmp_path / "result.json"), database) == result
    write_json(tmp_path / "export.json", [recorded])
    assert open_benchmark(str(tmp_path / "export.json")) == result


def test_a_record_of_another_kind_or_form_is_no_benchmark(database, record):
    other = Record.of({"schema_version": 1}, "engines")
    database.add(other)
    with pytest.raises(UnreadableRecordError, match="it is of kind engines"):
        open_benchmark(other.id, database)
    with pytest.raises(UnreadableRecordError, match="its schema version is 1"):
        open_benchmark(record.id, database)


def test_a_file_of_another_kind_is_named_as_what_it_is(tmp_path):
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"schema_version": 1, "kind": "engines"}))
    with pytest.raises(UnreadableFileError, match=r"table\.json: it is of kind engines, not"):
        open_benchmark(str(path))
