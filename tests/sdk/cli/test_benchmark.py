"""`edgekit benchmark` shows where every number comes from, and what speaks against it."""

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner

from edgekit.benchmarks import BenchmarkOptions, BenchmarkResult
from edgekit.cli.benchmark import command
from edgekit.cli.measuring_options import parse_options

SHORT = ("--quick", "--window-seconds", "0.02")

GIVEN = {"windows": 5, "window_seconds": None, "threads": 1, "kernels": "default", "pin": ()}


@pytest.fixture(autouse=True)
def pair(tmp_path, tflite_models):
    rows = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
    np.savez(tmp_path / "rows.npz", a=rows, b=rows)
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_every_number_of_the_table_has_its_provenance(succeed):
    text = succeed("benchmark", "pair.edgekit", *SHORT)
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    figures = [row for row in rows if row[0].strip()]
    names = ["latency", "latency p50", "latency p90", "latency p99"]
    assert [row[0].strip() for row in figures][:4] == names
    assert {row[2].strip() for row in figures} == {"measured"}
    assert "tiny on host, inputs random, seed 0" in text
    assert "1 thread" in text
    assert "governor" in text


def test_json_is_the_result_with_its_raw_samples(succeed):
    data = json.loads(succeed("benchmark", "pair.edgekit", *SHORT, "--json"))
    result = BenchmarkResult.from_json(data)
    assert len(result.windows) == 5
    assert all(window.total_us >= 2e4 for window in result.windows)
    assert result.options.window_seconds == 0.02


def test_the_result_is_written_whole(succeed, tmp_path):
    arguments = ("--threads", "2", "--kernels", "reference", "-o", "out/result.json")
    text = succeed("benchmark", "pair.edgekit", *SHORT, *arguments)
    result = BenchmarkResult.load(tmp_path / "out" / "result.json")
    assert f"out/result.json written, with {len(result.samples_us)} samples" in text
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


def test_windows_and_processors_can_be_chosen(succeed):
    cpu = str(max(os.sched_getaffinity(0)))
    arguments = ("--windows", "2", "--window-seconds", "0.01", "--pin", cpu, "--json")
    data = json.loads(succeed("benchmark", "pair.edgekit", "--quick", *arguments))
    assert len(data["windows"]) == 2
    assert data["environment"]["affinity"] == [int(cpu)]
    assert len(os.sched_getaffinity(0)) > 1 or os.cpu_count() == 1


def test_quick_means_short_windows():
    assert parse_options({**GIVEN, "quick": True}) == BenchmarkOptions.quick()
    assert parse_options({**GIVEN, "quick": False}) == BenchmarkOptions()
    assert parse_options({**GIVEN, "quick": True, "window_seconds": 3.0}).window_seconds == 3.0


def test_the_defaults_in_the_help_are_those_of_the_library():
    text = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    default, quick = BenchmarkOptions(), BenchmarkOptions.quick()
    shown = f"[default: {default.window_seconds:g}, {quick.window_seconds:g} with --quick]"
    assert shown in text
    assert f"[default: {default.windows}; x>=1]" in text


def test_stages_are_told_where_there_is_no_terminal(run_main):
    status, _, err = run_main("benchmark", "pair.edgekit", *SHORT)
    assert status == 0
    assert err.splitlines() == ["[1/3] load the model", "[2/3] warm up", "[3/3] measure"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("none.edgekit",), 1, "bundle none.edgekit: No such file"),
        (("pair.edgekit", "--window-seconds", "inf"), 1, "window_seconds is inf"),
        (("pair.edgekit", "--window-seconds", "-1"), 2, "'--window-seconds'"),
        (("pair.edgekit", "--windows", "0"), 2, "'--windows'"),
        (("pair.edgekit", "--pin", "one"), 2, "'one' is no list of processors such as 0,2"),
        (("pair.edgekit", "--pin", "9999"), 1, "pin is '9999'"),
        (("pair.edgekit", "--on", "hots"), 1, "unknown target 'hots'"),
        (("pair.edgekit", "-d", "pixel-8"), 1, "not a 'pixel-8'"),
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
