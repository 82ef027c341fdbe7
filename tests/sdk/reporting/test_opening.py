"""Files are results or bundles by what they are."""

import shutil

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase, UnreadableRecordError
from edgekit.bundle import BundleError
from edgekit.errors import UnreadableFileError
from edgekit.reporting import Evidence
from edgekit.reporting.opening import open_items


def test_each_is_taken_for_what_it_is(evidence, tmp_path):
    result, table, profile = evidence.results[0], evidence.tables[0], evidence.profiles[0]
    (comparison,), (emulation,) = evidence.comparisons, evidence.emulations
    shutil.copy(evidence.bundles[0].path, tmp_path / "renamed.zip")
    paths = [tmp_path / f"{number}.json" for number in range(5)]
    for item, path in zip((profile, table, comparison, emulation, result), paths, strict=True):
        item.save(path)
    read = open_items([str(path) for path in (*paths, tmp_path / "renamed.zip")])
    assert (read.results, read.tables, read.profiles) == ((result,), (table,), (profile,))
    assert (read.comparisons, read.emulations) == ((comparison,), (emulation,))
    assert [item.manifest for item in read.bundles] == [evidence.bundles[0].manifest]


def test_a_recorded_result_is_found_by_its_id(results, tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    record = Record.of(results[0].to_json())
    ResultsDatabase().add(record)
    assert open_items([record.id[:6]]) == Evidence(results=(results[0],))


def test_a_record_of_another_kind_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    record = Record.of({"schema_version": 1}, "weather")
    ResultsDatabase().add(record)
    with pytest.raises(UnreadableRecordError, match="of kind weather"):
        open_items([record.id])


def test_what_is_neither_is_refused(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(UnreadableFileError, match=r"notes\.json"):
        open_items([str(tmp_path / "notes.json")])
    (tmp_path / "broken.edgekit").write_bytes(b"PK\3\4")
    with pytest.raises(BundleError):
        open_items([str(tmp_path / "broken.edgekit")])
