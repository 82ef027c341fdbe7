"""Records go to other machines without loss, and to spreadsheets."""

import csv
import json

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase, read_records, write_csv, write_json
from edgekit.errors import UnreadableFileError


@pytest.fixture
def records(make_document):
    return [
        Record.of(make_document(1)),
        Record.of({"schema_version": 2, "x": [1e-300, 0.1, "\u00e9"]}, "table"),
    ]


def test_json_loses_nothing_and_is_taken_once(records, tmp_path):
    write_json(tmp_path / "all.json", records)
    again = read_records(tmp_path / "all.json")
    assert again == records
    database = ResultsDatabase(tmp_path / "r.sqlite3")
    assert [database.add(*again), database.add(*again)] == [2, 0]
    assert {row.id for row in database.rows()} == {record.id for record in records}


def test_one_result_is_read_as_it_is(records, tmp_path):
    (tmp_path / "one.json").write_text(json.dumps(records[0].document))
    assert read_records(tmp_path / "one.json") == records[:1]


def test_csv_has_a_line_for_each(records, tmp_path, database):
    database.add(*records)
    write_csv(tmp_path / "all.csv", database.rows())
    with (tmp_path / "all.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [line["kind"] for line in table] == ["benchmark", "table"]
    assert (table[0]["latency_us"], table[1]["latency_us"]) == ("101.0", "")
    write_csv(tmp_path / "none.csv", [])
    assert (tmp_path / "none.csv").read_text() == "id\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("{", "it is not JSON"),
        ("[]", "it is list, not a JSON object"),
        ('{"kind": "records", "schema_version": 7}', "its version is 7, this edgekit reads 1"),
        ('{"kind": "records", "schema_version": 1}', "an entry lacks 'records'"),
        ('{"kind": "records", "schema_version": 1, "records": [{"id": "1"}]}', "lacks 'document'"),
    ],
)
def test_anything_else_is_refused(tmp_path, content, message):
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UnreadableFileError, match=message):
        read_records(path)


def test_a_record_that_was_edited_is_refused(records, tmp_path):
    path = tmp_path / "all.json"
    write_json(path, records)
    path.write_text(path.read_text().replace('"kws"', '"better"'))
    with pytest.raises(UnreadableFileError, match=f"record {records[0].id} was changed"):
        read_records(path)
