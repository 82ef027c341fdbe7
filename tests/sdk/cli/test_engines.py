"""`edgekit engines` shows speed and outputs side by side, and why a row is empty."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from edgekit.benchmarks.engines import EngineTable
from edgekit.errors import UnknownNameError

SHORT = ("--rounds", "2")


@pytest.fixture(autouse=True)
def pair(tmp_path, tflite_models):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_rows_say_what_ran_or_why_not(succeed):
    names = ("-e", "litert-reference", "-e", "litert", "-e", "onnxruntime")
    text = succeed("engines", "pair.edgekit", *names, *SHORT)
    assert "to litert-reference" in text
    assert "XNNPACK" in text
    assert "not run:" in text
    assert "--source" in text
    assert "outputs on 8 samples" in text
    assert "random, seed 0" in text


def test_json_and_the_file_are_the_table(succeed, tmp_path):
    arguments = ("engines", "pair.edgekit", "-e", "litert", *SHORT)
    data = json.loads(succeed(*arguments, "--json", "-o", "table.json"))
    table = EngineTable.from_json(data)
    assert EngineTable.load(tmp_path / "table.json") == table
    assert [row.engine for row in table.rows] == ["litert"]
    assert "table.json written" in succeed(*arguments, "-o", "table.json")


def test_an_unknown_engine_is_an_error_with_the_nearest(invoke):
    result = invoke("engines", "pair.edgekit", "-e", "onnxrt")
    assert isinstance(result.exception, UnknownNameError)
    assert "onnxruntime" in result.exception.hint


def test_outputs_that_are_far_apart_are_marked(in_project, invoke_here, tmp_path):
    model = onnx.load("net.onnx")
    (dense,) = (item for item in model.graph.initializer if item.name == "dense")
    dense.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(dense), "dense"))
    onnx.save(model, tmp_path / "wrong.onnx")
    result = invoke_here(
        *("engines", "net.edgekit", "-e", "litert", "-e", "onnxruntime", "-e", "onnxruntime-qdq"),
        *("--source", "net.onnx", "--inputs", "samples.npz", "--layout", "source", *SHORT),
        *("--qdq", str(tmp_path / "wrong.onnx")),
    )
    assert result.exit_code == 0, result.exception
    (row,) = [line for line in result.stdout.splitlines() if "DISAGREES" in line]
    assert "onnxruntime-qdq" in row
    assert "100.0 %" in result.stdout  # of LiteRT and the source


def test_ctrl_c_ends_the_engines_too(tmp_path):
    code = "from edgekit.cli.main import main; main()"
    arguments = ("engines", "pair.edgekit", "-e", "litert", "--rounds", "100000", "--no-record")
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        while "[2/2]" not in (line := process.stderr.readline()):
            assert line, "it ended before it measured"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 1
    assert "interrupted" in said
    assert children
    assert not [child for child in children if Path("/proc", child).exists()]
