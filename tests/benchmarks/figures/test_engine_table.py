"""The table of engines: what is recorded, what the page shows, and that outputs were checked."""

import json
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
RECORD = json.loads((DOCS / "figures" / "engine_table.json").read_text())
ENGINES = (
    *("litert", "litert-builtin", "litert-reference", "tflite-runtime", "tf.lite", "tflm"),
    *("onnxruntime", "onnxruntime-qdq", "torch", "torchscript", "torch-export"),
)


def test_the_page_shows_the_record(script):
    lines = script("engine_table").markdown(RECORD)
    page = (DOCS / "engines.md").read_text()
    assert script("page_tables").with_tables(page, "engine table", lines) == page


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_every_engine_has_a_row_and_every_output_was_checked(name):
    rows = {row["engine"]: row for row in RECORD[name]["rows"]}
    assert tuple(rows) == ENGINES
    measured = [row for row in rows.values() if row["reason"] is None]
    assert len(measured) >= 10
    for row in measured:
        assert row["latency"]["value"] > 0
        assert all(check["agrees"] for check in row["checks"]), row["engine"]
        assert row["checks"] or row["engine"] == "onnxruntime"
    assert rows["torch"]["checks"][0]["sqnr_db"] > 100


@pytest.mark.slow
def test_a_table_is_measured_and_recorded_without_its_samples(script, test_data, monkeypatch):
    monkeypatch.setenv("EDGEKIT_TEST_DATA", str(test_data))
    table = script("engine_table")
    monkeypatch.setattr(table, "SAMPLES", 4)
    engines = script("edgekit.benchmarks.engines")
    monkeypatch.setattr(
        script("edgekit.benchmarks.engines.measuring"), "engine_names", lambda: ("litert", "torch")
    )
    data = table.measure("ad", engines.EngineOptions(rounds=2, block_seconds=1e-3))
    assert [row["engine"] for row in data["rows"]] == ["litert", "torch"]
    for row in data["rows"]:
        assert len(row["block_medians_us"]) == 2
        assert "blocks" not in row
    assert "| `torch` |" in "\n".join(table.markdown({"ad": data}))
