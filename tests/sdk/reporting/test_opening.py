"""Files are results or bundles by what they are."""

import shutil

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase
from edgekit.bundle import BundleError
from edgekit.errors import UnreadableFileError
from edgekit.reporting.opening import open_items


def test_each_is_taken_for_what_it_is(results, bundle, tmp_path):
    results[0].save(tmp_path / "run.json")
    shutil.copy(bundle.path, tmp_path / "renamed.zip")
    read, opened = open_items([str(tmp_path / "run.json"), str(tmp_path / "renamed.zip")])
    assert read == [results[0]]
    assert [item.manifest for item in opened] == [bundle.manifest]


def test_a_recorded_result_is_found_by_its_id(results, tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    record = Record.of(results[0].to_json())
    ResultsDatabase().add(record)
    assert open_items([record.id[:6]]) == ([results[0]], [])


def test_what_is_neither_is_refused(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(UnreadableFileError, match=r"notes\.json"):
        open_items([str(tmp_path / "notes.json")])
    (tmp_path / "broken.edgekit").write_bytes(b"PK\3\4")
    with pytest.raises(BundleError):
        open_items([str(tmp_path / "broken.edgekit")])
