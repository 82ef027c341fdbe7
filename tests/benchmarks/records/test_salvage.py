"""A damaged database is found, set aside and reported; what is whole in it is kept."""

import os
import random
import signal
import sqlite3
from contextlib import closing

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase, UnknownRecordError
from edgekit.benchmarks.records.salvage import is_unfinished, set_aside

PAGE = 4096


def damage(path, at, count=PAGE):
    content = bytearray(path.read_bytes())
    content[at : at + count] = random.Random(at).randbytes(len(content[at : at + count]))
    path.write_bytes(content)


@pytest.mark.parametrize(("page", "least"), [(0, 200), (1, 200), (10, 190), (60, 190), (-3, 190)])
def test_what_is_whole_is_kept_and_the_rest_reported(filled, make_document, page, least):
    before = filled.path.stat().st_size // PAGE
    damage(filled.path, page % before * PAGE)
    damaged = filled.path.read_bytes()
    database = ResultsDatabase(filled.path)
    rows = database.rows()
    recovery = database.recovery
    assert recovery is not None
    assert recovery.salvaged == len(rows) >= least
    assert recovery.salvaged + recovery.lost == 200
    assert (recovery.folder / filled.path.name).read_bytes() == damaged
    known = {Record.of(make_document(number, samples=200)).id for number in range(200)}
    assert {record.id for record in database.records()} <= known
    assert database.add(Record.of(make_document(1000))) == 1
    assert ResultsDatabase(filled.path).recovery is None


def test_a_file_cut_short_is_damaged(filled):
    os.truncate(filled.path, filled.path.stat().st_size // 2 + 100)
    database = ResultsDatabase(filled.path)
    assert 50 < len(database.rows()) < 150
    assert "were saved" in str(database.recovery)


def test_a_record_with_other_content_is_found_when_it_is_read(filled):
    """SQLite has no checksum of its own: a changed byte in a document is not seen by a check."""
    row = filled.rows()[0]
    with closing(sqlite3.connect(filled.path, isolation_level=None)) as connection:
        (content,) = connection.execute(
            "SELECT content FROM records WHERE id = ?", (row.id,)
        ).fetchone()
        changed = content[:50] + bytes([content[50] ^ 1]) + content[51:]
        connection.execute("UPDATE records SET content = ? WHERE id = ?", (changed, row.id))
    database = ResultsDatabase(filled.path)
    assert len(database.rows()) == 200
    with pytest.raises(UnknownRecordError):
        database.get(row.id)
    assert (database.recovery.salvaged, database.recovery.lost) == (199, 1)
    assert len(database.records()) == 199


def test_records_that_are_only_in_the_log_are_kept(filled, make_document, tmp_path):
    copy = tmp_path / "copy" / filled.path.name
    copy.parent.mkdir()
    with closing(sqlite3.connect(filled.path)) as reader:
        reader.execute("SELECT count(*) FROM records").fetchone()
        filled.add(*(Record.of(make_document(number)) for number in range(1000, 1010)))
        for suffix in ("", "-wal"):
            copy.with_name(f"{copy.name}{suffix}").write_bytes(
                filled.path.with_name(f"{filled.path.name}{suffix}").read_bytes()
            )
    copy.with_name(f"{copy.name}.lock").touch()
    damage(copy, 20 * PAGE)
    assert set_aside(copy).salvaged >= 205
    assert len(ResultsDatabase(copy).rows()) >= 205


@pytest.mark.parametrize(
    ("function", "lines"),
    [*(("set_aside", count) for count in range(20)), ("_salvage", 9), ("_records", 200)],
)
def test_a_recovery_that_is_killed_is_finished_by_the_next(filled, function, lines):
    """The process ends after some lines of a function, at a different one each time."""
    damage(filled.path, 30 * PAGE)
    child = os.fork()
    if child == 0:
        _die_after(function, lines)
        set_aside(filled.path)
        os._exit(0)
    os.waitpid(child, 0)
    database = ResultsDatabase(filled.path)
    assert len(database.rows()) >= 190
    assert not is_unfinished(filled.path)
    assert ResultsDatabase(filled.path).recovery is None
    assert len(list(filled.path.parent.glob("*.damaged-*"))) == 1


def _die_after(function, lines):
    """Kill this process when so many lines of a function of salvage.py have run."""
    import sys

    left = lines

    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_name != function or "salvage" not in frame.f_code.co_filename:
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
