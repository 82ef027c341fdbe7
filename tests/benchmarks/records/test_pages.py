"""Rows read from pages are those that SQLite reads, whatever their size."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.benchmarks.records.pages import read_rows


def _make(path, rows, page_bytes=4096):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={page_bytes}")
        connection.execute("CREATE TABLE t (number INTEGER PRIMARY KEY, a, b, c, d)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")


def _found(path, count):
    # The first leaf is the table of tables.
    return [row for row in read_rows(path) if len(row[1]) == count]


@pytest.mark.parametrize("page_bytes", [512, 1024, 4096, 32768])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20000), st.integers(-(2**63), 2**63 - 1)), max_size=30))
def test_rows_are_those_that_were_written(tmp_path_factory, page_bytes, sizes):
    path = tmp_path_factory.mktemp("pages") / "t.sqlite3"
    rows = [
        (number + 1, number * 1.5, f"\u00e9{number}", value, bytes([number]) * size)
        for number, (size, value) in enumerate(sizes)
    ]
    _make(path, rows, page_bytes)
    expected = [(row[0], (row[2].encode(), row[4])) for row in rows]
    assert sorted(_found(path, 2)) == expected


@pytest.mark.parametrize("number", [1, 127, 128, 2**31, 2**48, 2**62, -1])
def test_numbers_of_every_length(tmp_path, number):
    _make(tmp_path / "t", [(number, None, "x", 0, b"y")])
    ((found, fields),) = _found(tmp_path / "t", 2)
    assert fields == (b"x", b"y")
    assert found == number % 2**64


def test_the_log_is_read_up_to_its_last_commit(tmp_path):
    path = tmp_path / "t.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("INSERT INTO t VALUES ('one', x'01')")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t VALUES ('two', ?)", [(b"2" * 3000,)] * 50)
        # Not committed, though some of it is in the log for want of memory.
        copy = tmp_path / "copy.sqlite3"
        for suffix in ("", "-wal"):
            copy.with_name(f"copy.sqlite3{suffix}").write_bytes(
                path.with_name(f"t.sqlite3{suffix}").read_bytes()
            )
    assert [fields for _, fields in _found(copy, 2)] == [(b"one", b"\x01")]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=9000), st.binary(max_size=9000))
def test_noise_is_no_error(tmp_path_factory, data, log):
    folder = tmp_path_factory.mktemp("noise")
    (folder / "x").write_bytes(b"SQLite format 3\0" + b"\2\0" + data)
    (folder / "x-wal").write_bytes(log)
    list(read_rows(folder / "x"))
