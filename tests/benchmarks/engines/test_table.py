"""What a table says of its rows, and that it comes back from JSON."""

import json
from dataclasses import replace

import pytest

from edgekit.benchmarks import Provenance, ResultFormatError, capture_environment
from edgekit.benchmarks.engines import (
    Block,
    EngineDescription,
    EngineOptions,
    EngineRow,
    EngineTable,
    Form,
)
from edgekit.errors import UnreadableFileError
from edgekit.runtime import Backend, Kernels

DESCRIPTION = EngineDescription("onnxruntime", "1.31", Form.FLOAT, "float")


def row(name, *blocks):
    return EngineRow(
        name,
        description=DESCRIPTION,
        blocks=tuple(Block(number, number, samples) for number, samples in blocks),
    )


@pytest.fixture
def table():
    backend = Backend("several engines", "see each row", Kernels.DEFAULT, 1)
    return EngineTable(
        model="net",
        model_sha256="0" * 64,
        source="net.onnx",
        inputs="random, seed 0",
        started_at="2026-01-01T00:00:00+00:00",
        options=EngineOptions(),
        environment=capture_environment(backend),
        rows=(
            EngineRow("absent", "it is not installed"),
            row("fast", (0, (1.0, 2.0, 9.0)), (1, (4.0,)), (2, (3.0,))),
            row("slow", (0, (6.0,)), (2, (9.0,))),
        ),
    )


def test_the_first_measured_row_is_the_baseline(table):
    assert table.baseline.engine == "fast"
    assert replace(table, rows=table.rows[:1]).baseline is None


def test_a_latency_is_the_median_of_the_blocks_medians(table):
    latency = table.latency(table.rows[1])
    assert latency.value == 3.0  # of 2, 4 and 3
    assert latency.samples == (2.0, 4.0, 3.0)
    assert latency.provenance is Provenance.MEASURED
    assert latency.interval[0] <= 3.0 <= latency.interval[1]
    assert "3 blocks, 5 runs" in latency.method
    assert table.latency(table.rows[0]) is None


def test_a_ratio_is_of_the_rounds_that_both_ran_in(table):
    ratio = table.ratio(table.rows[2])
    assert ratio.value == pytest.approx(3.0)  # rounds 0 and 2: 6 over 2, 9 over 3
    assert ratio.interval == pytest.approx((3.0, 3.0))
    assert "2 loadings" in ratio.method
    assert table.ratio(table.rows[1]).value == 1.0
    assert table.ratio(table.rows[0]) is None


def test_rounds_of_one_loading_are_one_group(table):
    fast, slow = table.rows[1:]
    once = tuple(replace(block, load=0) for block in slow.blocks)
    kept = tuple(replace(block, load=0) for block in fast.blocks)
    rows = (replace(fast, blocks=kept), replace(slow, blocks=once))
    ratio = replace(table, rows=rows).ratio(rows[1])
    assert "1 loadings" in ratio.method
    assert "2 rounds" in ratio.method


def test_what_may_not_repeat_is_said(table):
    absent, fast, slow = table.rows
    assert table.unstable_reasons(absent) == ()
    assert table.unstable_reasons(slow) == (
        "the spread is too wide: MAD of the blocks is 20.0% of the median, more than 5%",
        "too few blocks: 2, less than 10",
    )
    steady = replace(fast, blocks=tuple(Block(number, number, (3.0,)) for number in range(10)))
    assert table.unstable_reasons(steady) == ()


def test_json_comes_back(table, tmp_path):
    table.save(tmp_path / "table.json")
    assert EngineTable.load(tmp_path / "table.json") == table
    written = json.loads((tmp_path / "table.json").read_text())
    assert [row["ratio"] is None for row in written["rows"]] == [True, False, False]


def test_other_files_are_refused_with_the_reason(table, tmp_path):
    path = tmp_path / "table.json"
    with pytest.raises(UnreadableFileError):
        EngineTable.load(path)
    path.write_text("{")
    with pytest.raises(UnreadableFileError, match="not JSON"):
        EngineTable.load(path)
    path.write_text(json.dumps({**table.to_json(), "schema_version": 99}))
    with pytest.raises(UnreadableFileError, match="schema version is 99"):
        EngineTable.load(path)
    data = table.to_json()
    del data["rows"][1]["blocks"]
    with pytest.raises(ResultFormatError, match="blocks"):
        EngineTable.from_json(data)
