"""`edgekit benchmark` shows where every number comes from, and what speaks against it."""

import json
import re

import numpy as np
import pytest

from edgekit.benchmarks import BenchmarkResult
from edgekit.cli.benchmark import _show
from edgekit.cli.output import Output

SHORT = ("--min-seconds", "0.05")


@pytest.fixture(autouse=True)
def pair(tmp_path, tflite_models):
    rows = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
    np.savez(tmp_path / "rows.npz", a=rows, b=rows)
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_every_number_of_the_table_has_its_provenance(succeed):
    text = succeed("benchmark", "pair.edgekit", *SHORT)
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    figures = [row for row in rows if row[0].strip()]
    assert [row[0].strip() for row in figures][:3] == ["latency", "latency p90", "latency p99"]
    assert {row[2].strip() for row in figures} == {"measured"}
    assert "tiny on host, inputs random, seed 0" in text
    assert "1 thread" in text
    assert "governor" in text


def test_json_is_the_result_with_its_raw_samples(succeed):
    data = json.loads(succeed("benchmark", "pair.edgekit", *SHORT, "--json"))
    result = BenchmarkResult.from_json(data)
    assert sum(result.samples_us) >= 5e4
    assert result.options.min_seconds == 0.05


def test_the_result_is_written_whole(succeed, tmp_path):
    arguments = ("--threads", "2", "--kernels", "reference", "-o", "out/result.json")
    text = succeed("benchmark", "pair.edgekit", *SHORT, *arguments)
    result = BenchmarkResult.load(tmp_path / "out" / "result.json")
    assert f"out/result.json written, with all {len(result.samples_us)} samples" in text
    assert (result.options.threads, str(result.options.kernels)) == (2, "reference")


def test_inputs_come_from_files(succeed, tmp_path):
    data = json.loads(
        succeed("benchmark", "pair.edgekit", *SHORT, "--inputs", "rows.npz", "--json")
    )
    assert data["inputs"] == "given, 3 samples"


def test_the_layout_of_inputs_is_declared(in_project, invoke_here):
    arguments = ("benchmark", "net.edgekit", *SHORT, "--inputs", "samples.npz", "--json")
    result = invoke_here(*arguments, "--layout", "source")
    assert json.loads(result.stdout)["inputs"] == "given, 40 samples"
    assert "layout" in str(invoke_here(*arguments).exception)


def test_an_unstable_result_says_so_with_reasons(succeed, capsys):
    data = json.loads(succeed("benchmark", "pair.edgekit", *SHORT, "--json"))
    wild = [float(10 ** (number % 3)) for number in range(20)]
    result = BenchmarkResult.from_json({**data, "samples_us": wild})
    _show(Output.console(), result)
    lines = [line for line in capsys.readouterr().out.splitlines() if "UNSTABLE" in line]
    assert len(lines) == 2
    assert re.match(r"UNSTABLE: the spread is too wide", lines[0])
    assert "too few runs" in lines[1]


def test_a_stable_result_does_not(succeed, capsys):
    data = json.loads(succeed("benchmark", "pair.edgekit", *SHORT, "--json"))
    result = BenchmarkResult.from_json({**data, "samples_us": [10.0] * 100, "peak_rss_bytes": None})
    _show(Output.console(), result)
    text = capsys.readouterr().out
    assert "UNSTABLE" not in text
    assert "peak rss" not in text


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("none.edgekit",), 1, "bundle none.edgekit: No such file"),
        (("pair.edgekit", "--min-seconds", "inf"), 1, "min_seconds is inf"),
        (("pair.edgekit", "--min-seconds", "-1"), 2, "'--min-seconds'"),
        (("pair.edgekit", "--threads", "0"), 2, "'--threads'"),
        (("pair.edgekit", "--kernels", "fast"), 2, "'fast' is not one of"),
        (("pair.edgekit", "--inputs", "no.npz"), 1, "cannot read no.npz: no such file"),
        (("pair.edgekit", *SHORT, "-o", "pair.edgekit/x.json"), 1, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_one_error(run_main, arguments, status, message):
    found, out, err = run_main("benchmark", *arguments)
    assert (found, out) == (status, "")
    assert message in err
