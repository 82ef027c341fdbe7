"""`edgekit results` finds what was recorded, follows it, and moves it."""

import json

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase

MACHINE = {"cpu_model": "Test CPU", "governor": "performance", "threads": 1}


def document(day, latency_us, **changes):
    figure = {"provenance": "measured", "method": "median of 3 runs", "samples": []}
    return {
        "schema_version": 1,
        "model": "kws",
        "model_sha256": "ab12cd" + 58 * "0",
        "target": "host",
        "started_at": f"2026-01-{day:02d}T12:00:00+00:00",
        "environment": MACHINE,
        "samples_us": [1.0, 2.5],
        "measurements": {
            "latency": {"value": latency_us, "unit": "us", "interval": [1.0, 9e5], **figure},
            "energy": {"value": 5.0, "unit": "uJ", "interval": None, **figure},
        },
        "unstable_reasons": ["too few runs: 2, less than 30"],
        **changes,
    }


@pytest.fixture
def records(tmp_path, monkeypatch):
    """Five results: four of one model, two machines, and one of another model."""
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "data" / "results.sqlite3"))
    made = [
        Record.of(document(1, 100.0)),
        Record.of(document(2, 110.0)),
        Record.of(document(3, 50.0, environment={**MACHINE, "governor": "powersave"})),
        Record.of(document(4, 88.0, model_sha256="e" * 64)),
        Record.of(document(5, 7e4, model="ic", device="p8", target="adb")),
    ]
    ResultsDatabase().add(*made)
    return made


def cells(text, mark):
    return [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in text.splitlines()
        if mark in line
    ]


def test_list_is_newest_first(succeed, records, tmp_path):
    text = succeed("results", "list")
    rows = cells(text, "│ ")
    assert [row[0] for row in rows] == [record.id[:12] for record in reversed(records)]
    assert rows[0][1:7] == [
        "2026-01-05 12:00",
        "benchmark",
        "ic",
        "adb p8",
        "70,000 us measured",
        "5.00 uJ measured",
    ]
    assert f"5 results in {tmp_path / 'data' / 'results.sqlite3'}" in text


def test_list_as_json_with_filters(succeed, records):
    data = json.loads(
        succeed("results", "list", "--json", "--model", "kws", "--since", "2026-01-03")
    )
    assert [row["id"] for row in data] == [records[3].id, records[2].id]
    assert data[0]["latency_us"] == 88.0
    (row,) = json.loads(succeed("results", "list", "--json", "--device", "p8"))
    assert row["model"] == "ic"
    assert json.loads(succeed("results", "list", "--json", "--kind", "comparison")) == []


def test_list_says_that_there_are_more(succeed, records):
    assert "the newest 2 results in" in succeed("results", "list", "--limit", "2")
    assert "the newest" not in succeed("results", "list", "--limit", "5")


def test_without_results_nothing_is_made(succeed, tmp_path):
    text = succeed("results", "list", "--database", "none.sqlite3")
    assert text == "0 results in none.sqlite3\n"
    assert "no results with the figure latency" in succeed(
        "results", "trend", "--database", "none.sqlite3"
    )
    assert not (tmp_path / "none.sqlite3").exists()


def test_show_has_figures_with_provenance(succeed, records):
    text = succeed("results", "show", records[4].id[:8])
    assert f"{records[4].id[:12]}: benchmark ic on adb" in text
    assert "  device: p8\n" in text
    figures = cells(text, "measured")
    assert figures[0] == [
        "latency",
        "70,000 us",
        "measured",
        "1.00 to 900,000",
        "median of 3 runs",
    ]
    assert "cpu model: Test CPU" in text
    assert "UNSTABLE: too few runs" in text


def test_show_as_json_is_the_whole_document(succeed, records):
    data = json.loads(succeed("results", "show", records[0].id, "--json"))
    assert data == records[0].to_json()


def test_show_takes_a_file_and_any_kind(succeed, tmp_path):
    ratio = {"value": 1.25, "unit": "1", "provenance": "measured", "method": "blocks"}
    comparison = {
        "schema_version": 1,
        "kind": "comparison",
        "verdict": "slower",
        "threshold": 0.02,
        "ratio": {**ratio, "interval": [1.1, 1.4], "samples": []},
        "latencies": {"first": {**ratio, "unit": "us", "interval": None, "samples": []}},
        "first": {"model": "a"},
    }
    (tmp_path / "c.json").write_text(json.dumps(comparison))
    text = succeed("results", "show", "c.json")
    assert ": comparison\n  verdict: slower\n" in text
    assert cells(text, "measured") == [
        ["ratio", "1.2500", "measured", "1.1000 to 1.4000", "blocks"],
        ["latencies first", "1.25 us", "measured", "", "blocks"],
    ]


def test_trend_has_a_gap_where_the_environment_changed(succeed, records):
    text = succeed("results", "trend", "--model", "kws")
    assert "kws on host: latency (measured, us) of 4 results" in text
    bars = [row for row in cells(text, "│ ") if len(row) == 4]
    assert [row[1] for row in bars] == ["▇█ ▅", "▁"]
    assert [row[2:] for row in bars] == [["88.00", "110.00"], ["50.00", "50.00"]]
    points = cells(text, "2026-01-")
    assert [row[3] for row in points] == ["100.00", "110.00", "50.00", "88.00"]
    assert [row[5] for row in points] == ["", "1.100", "", "0.800"]
    assert points[2][6].startswith("governor: performance ->")
    assert points[3][6] == "model file"
    assert [row[2] for row in points] == [bars[0][0], bars[0][0], bars[1][0], bars[0][0]]
    assert text.count("UNSTABLE") == 4


def test_trend_follows_any_figure(succeed, records):
    text = succeed("results", "trend", "--figure", "energy", "--target", "adb")
    assert "ic on adb p8: energy (measured, uJ) of 1 result\n" in text


def test_trend_as_json(succeed, records):
    data = json.loads(succeed("results", "trend", "--json", "--last", "2"))
    assert [(each["model"], len(each["points"])) for each in data] == [("ic", 1), ("kws", 2)]


def test_export_and_import_lose_nothing(succeed, records, tmp_path):
    assert "5 results" in succeed("results", "export", "-o", "all.json")
    other = ("--database", "other.sqlite3")
    assert succeed("results", "import", "all.json", *other) == "5 added, 0 recorded already\n"
    data = json.loads(succeed("results", "import", "all.json", "all.json", "--json", *other))
    assert data == {"added": 0, "known": 5}
    for record in records:
        assert ResultsDatabase(tmp_path / "other.sqlite3").get(record.id) == record


def test_some_are_exported_by_id_or_filter(succeed, records, tmp_path):
    succeed("results", "export", records[0].id[:10], records[4].id[:10], "-o", "two.csv")
    lines = (tmp_path / "two.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["id", records[4].id, records[0].id]
    data = json.loads(succeed("results", "export", "--model", "ic", "-o", "x.json", "--json"))
    assert data == {"path": "x.json", "records": 1}


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("show", "none.json"), 1, "no such file, and no id of a record"),
        (("show", "00000000"), 1, "no record has an id that begins with '00000000'"),
        (("list", "--since", "soon"), 1, "since is 'soon'"),
        (("list", "--limit", "0"), 2, "'--limit'"),
        (("export", "-o", "x.txt"), 2, "neither a .json nor a .csv"),
        (("export",), 2, "Missing option '-o'"),
        (("export", "zz", "-o", "x.json"), 1, "no record has an id"),
        (("export", "-o", "data/results.sqlite3/x.json"), 1, "cannot write"),
        (("import",), 2, "Missing argument 'FILES...'"),
        (("import", "none.json"), 1, "cannot read none.json: No such file"),
        (("drop",), 2, "No such command 'drop'"),
    ],
)
def test_what_cannot_be_done_is_one_error(run_main, records, arguments, status, message):
    found, out, err = run_main("results", *arguments)
    assert (found, out) == (status, "")
    assert message in err


def test_a_damaged_database_is_reported(run_main, records, tmp_path):
    path = tmp_path / "data" / "results.sqlite3"
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])
    status, out, err = run_main("results", "list")
    assert status == 0
    assert err.startswith("warning: the database of results was damaged: 5 records were saved")
    assert "5 results in" in out
    assert run_main("results", "list")[2] == ""
