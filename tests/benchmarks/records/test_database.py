"""Records that were acknowledged are there, whoever else writes and whatever is in the way."""

import os
import resource
import subprocess
import sys

import pytest

from edgekit.benchmarks.records import (
    Record,
    RecordFilter,
    RecordsError,
    ResultsDatabase,
    UnknownRecordError,
    default_path,
)

NOBODY = 65534


def test_what_was_added_comes_back(database, make_document):
    record = Record.of(make_document(1))
    assert database.add(record) == 1
    assert ResultsDatabase(database.path).get(record.id) == record


def test_the_same_result_is_kept_once(database, make_document):
    record = Record.of(make_document(1))
    assert [database.add(record), database.add(record, Record.of(make_document(2)))] == [1, 1]
    assert len(database.rows()) == 2


def test_nothing_is_made_before_the_first_record(database):
    assert database.rows() == []
    with pytest.raises(UnknownRecordError, match="no record has an id"):
        database.get("abcd")
    assert list(database.path.parent.iterdir()) == []


def test_ids_are_given_by_their_beginning(database, make_document):
    records = [Record.of(make_document(number)) for number in range(20)]
    database.add(*records)
    for record in records:
        assert database.get(record.id[:20].upper()) == record
    shared = max((record.id[0] for record in records), key=[r.id[0] for r in records].count)
    with pytest.raises(
        UnknownRecordError, match=f"'{shared}' is the beginning of the ids"
    ) as found:
        database.get(shared)
    assert set(found.value.details) == {r.id for r in records if r.id[0] == shared}
    for wrong in ("zz", "", "%", "0" * 64):
        with pytest.raises(UnknownRecordError):
            database.get(wrong)


def test_all_that_are_wanted_come_whole(database, make_document):
    assert database.records() == []
    made = [Record.of(make_document(number, model=f"m{number % 2}")) for number in range(6)]
    database.add(*made)
    assert database.records(RecordFilter(model="m1")) == [made[5], made[3], made[1]]


def test_the_place_is_the_users_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "mine.sqlite3"))
    assert default_path() == tmp_path / "mine.sqlite3"
    monkeypatch.delenv("EDGEKIT_RESULTS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == tmp_path / "edgekit" / "results.sqlite3"


def test_a_full_disk_is_an_error_and_loses_nothing(filled, make_document):
    """The limit of a file's size stands in for the disk: SQLite meets it in the same call."""
    code = f"""
import signal
from edgekit.benchmarks.records import Record, RecordsError, ResultsDatabase
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
document = {make_document(9999, samples=2000)!r}
database = ResultsDatabase(__import__("pathlib").Path({str(filled.path)!r}))
try:
    database.add(Record.of(document))
except RecordsError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384)),
    )
    assert "database of results" in done.stdout, done.stderr
    assert "  -> " in done.stdout
    assert len(ResultsDatabase(filled.path).rows()) == 200
    assert filled.add(Record.of(make_document(9999))) == 1


@pytest.mark.parametrize("place", ["/proc/nowhere/r.sqlite3", "{tmp}/file/r.sqlite3", "{tmp}"])
def test_a_place_that_cannot_be_is_an_error(tmp_path, make_document, place):
    (tmp_path / "file").touch()
    database = ResultsDatabase(type(tmp_path)(place.format(tmp=tmp_path)))
    with pytest.raises(RecordsError, match="database of results") as found:
        database.add(Record.of(make_document()))
    assert found.value.hint


def test_where_nothing_can_be_written_records_can_be_read(filled, make_document):
    for path in (filled.path.parent, *filled.path.parent.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    filled.path.with_name(f"{filled.path.name}.lock").unlink()
    root = os.geteuid() == 0
    parents = [path for path in filled.path.parents if root and path.stat().st_uid == 0]
    modes = {path: path.stat().st_mode for path in parents if "pytest" in str(path)}
    try:
        for path in modes:
            path.chmod(0o555)
        if root:
            os.seteuid(NOBODY)
        reading = ResultsDatabase(filled.path)
        assert len(reading.rows()) == 200
        with pytest.raises(RecordsError, match=r"readonly|Permission denied"):
            reading.add(Record.of(make_document(500)))
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)
        filled.path.parent.chmod(0o755)


@pytest.mark.parametrize("content", [b"PK\x03\x04 something else", None])
def test_the_file_of_another_program_is_left_alone(tmp_path, make_document, content):
    path = tmp_path / "other"
    if content is None:
        import sqlite3

        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (x)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    for use in (lambda each: each.add(Record.of(make_document())), ResultsDatabase.rows):
        with pytest.raises(RecordsError, match="it is another program's file"):
            use(ResultsDatabase(path))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["other"]
