"""Engines in turns: rows in order, reasons instead of gaps, outputs held against the right ones."""

from dataclasses import replace

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.engines import EngineOptions, measure_engines
from edgekit.errors import UnknownNameError

QUICK = EngineOptions(rounds=4, block_seconds=1e-3)


@pytest.mark.usefixtures("added_engines")
def test_every_engine_gets_a_row_in_the_order_asked_for(onnx_case):
    names = ("refusing", "litert-builtin", "tiring", "onnxruntime", "litert", "onnxruntime-qdq")
    table = measure_engines(onnx_case, names, QUICK, inputs="random", source="pair.onnx")
    assert tuple(row.engine for row in table.rows) == names
    rows = {row.engine: row for row in table.rows}
    assert rows["refusing"].reason == "it takes no such model"
    assert rows["tiring"].reason.startswith("StopIteration")
    assert [row.engine for row in table.rows if row.measured] == [
        *("litert-builtin", "onnxruntime", "litert", "onnxruntime-qdq")
    ]
    against = {row.engine: [check.against for check in row.checks] for row in table.rows}
    assert against["litert-builtin"] == ["onnxruntime"]
    assert against["onnxruntime"] == []
    assert against["litert"] == ["litert-builtin", "onnxruntime"]
    assert against["onnxruntime-qdq"] == ["onnxruntime"]
    assert all(row.agrees for row in table.rows)
    for row in table.rows:
        if row.measured:
            assert [block.round for block in row.blocks] == [0, 1, 2, 3]
            assert [block.load for block in row.blocks] == [0, 1, 2, 3]
            assert row.prepare_us > 0
            assert row.first_inference_us > 0
    assert (table.source, table.inputs, table.model) == ("pair.onnx", "random", "tiny")


def test_a_slow_engine_sits_out_rounds(case):
    # Each block takes at least what a run takes; three blocks of it are too long already.
    options = replace(QUICK, rounds=6, max_seconds=1e-9)
    table = measure_engines(case, ["litert"], options)
    assert [block.round for block in table.rows[0].blocks] == [0]


def test_without_floats_the_first_engine_is_the_reference(case):
    table = measure_engines(case, ["litert-reference", "litert"], QUICK)
    assert [check.against for check in table.rows[1].checks] == ["litert-reference"]
    assert table.rows[1].checks[0].max_steps is not None


def test_all_refused_is_a_table_without_baseline(case):
    table = measure_engines(case, ["onnxruntime"], QUICK)
    assert table.baseline is None
    assert not table.rows[0].measured


def test_what_cannot_be_compared_is_refused(case):
    with pytest.raises(UnknownNameError, match="'litert-xnnpack'"):
        measure_engines(case, ["litert-xnnpack"], QUICK)
    with pytest.raises(InvalidOptionError, match="litert, litert"):
        measure_engines(case, ["litert", "litert"], QUICK)
    with pytest.raises(InvalidOptionError, match="samples"):
        measure_engines(replace(case, samples=()), ["litert"], QUICK)
