"""An older database goes through every step up to today's, each whole or not at all."""

import sqlite3
from contextlib import closing

import pytest

from edgekit.benchmarks.records import Record, RecordsError, ResultsDatabase
from edgekit.benchmarks.records.rows import insert, row_values
from edgekit.benchmarks.records.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of

LATER = "ALTER TABLE records ADD COLUMN note TEXT; UPDATE records SET note = 'old';"


@pytest.fixture
def connection(tmp_path):
    with closing(sqlite3.connect(tmp_path / "r.sqlite3", isolation_level=None)) as opened:
        yield opened


def test_a_new_database_says_what_it_is(connection):
    migrate(connection)
    assert version_of(connection) == len(MIGRATIONS)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_migration_keeps_what_is_there(connection, make_document):
    migrate(connection)
    insert(connection, row_values(Record.of(make_document())))
    migrate(connection, (*MIGRATIONS, LATER))
    assert version_of(connection) == len(MIGRATIONS) + 1
    assert connection.execute("SELECT model, note FROM records").fetchall() == [("kws", "old")]


def test_a_migration_that_fails_leaves_the_version_before(tmp_path, make_document):
    path = tmp_path / "r.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection)
        with pytest.raises(sqlite3.OperationalError, match="no such table: absent"):
            migrate(connection, (*MIGRATIONS, f"{LATER} DROP TABLE absent;"))
    database = ResultsDatabase(path)
    assert database.add(Record.of(make_document())) == 1
    assert len(database.rows()) == 1


def test_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / "r.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, (*MIGRATIONS, LATER))
    before = path.read_bytes()
    with pytest.raises(RecordsError, match=r"its version is 2, this edgekit knows 1"):
        ResultsDatabase(path).rows()
    assert path.read_bytes() == before
