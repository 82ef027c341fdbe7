"""Records are found by what they are."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.records import Record, RecordFilter, parse_since


@pytest.fixture
def several(database, make_document):
    database.add(
        Record.of(make_document(0)),
        Record.of(make_document(90000, model="ic", model_sha256="f" * 64)),
        Record.of(make_document(2, target="emulator", device="nucleo-l4r5zi")),
        Record.of({"schema_version": 1, "model": "kws"}, "comparison"),
    )
    return database


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 4),
        ({"model": "kws"}, 3),
        ({"model": "ab12cd"}, 2),
        ({"model": "ab12c"}, 0),
        ({"model": "*"}, 0),
        ({"target": "emulator"}, 1),
        ({"device": "nucleo-l4r5zi"}, 1),
        ({"kind": "comparison"}, 1),
        ({"kind": "benchmark", "model": "kws", "target": "host"}, 1),
        ({"since": datetime(2026, 1, 2)}, 1),
        ({"since": datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC)}, 2),
        ({"since": datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))}, 1),
    ],
)
def test_a_filter_lets_through_what_it_says(several, wanted, count):
    assert len(several.rows(RecordFilter(**wanted))) == count


NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("36h", datetime(2026, 5, 9, tzinfo=UTC)),
        ("7d", datetime(2026, 5, 3, 12, tzinfo=UTC)),
        ("1w", datetime(2026, 5, 3, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00+01:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
    ],
)
def test_times_and_ages_are_understood(text, expected):
    assert parse_since(text, now=NOW) == expected


@pytest.mark.parametrize("text", ["", "7 days", "yesterday", "2026-13-01", "99999999999d"])
def test_other_words_are_not(text):
    with pytest.raises(InvalidOptionError, match="since"):
        parse_since(text, now=NOW)
