"""A row is a record without its document."""

from edgekit.benchmarks.records import Record, Row


def test_a_row_is_the_summary_of_its_record(database, make_document):
    record = Record.of(make_document(5, device="pixel-8"))
    database.add(record)
    (row,) = database.rows()
    assert row == Row(record.id, "benchmark", 1, record.summary)
    data = record.to_json()
    del data["document"]
    assert row.to_json() == {**data, "schema_version": 1}


def test_newest_first_and_no_more_than_asked_for(database, make_document):
    database.add(*(Record.of(make_document(number)) for number in (3, 1, 2)))
    found = [row.summary.latency_us for row in database.rows(limit=2)]
    assert found == [103.0, 102.0]
