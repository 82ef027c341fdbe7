"""The overhead script runs and writes what it printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "figures" / "runtime_overhead.py"
WAYS = ["bare loop", "bare invoke", "run_into", "call"]


def test_it_prints_a_table_and_writes_all_samples(tflite_models, tmp_path):
    bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    out = tmp_path / "out.json"
    size = ["--repeats", "2", "--rounds", "3", "--block", "4"]
    command = [sys.executable, SCRIPT, bundle.path, "--json", out, *size]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    table = done.stdout.splitlines()[2:]
    assert [line[:12].strip() for line in table] == WAYS
    assert all("us (measured)" in line for line in table)

    data = json.loads(out.read_text())
    assert data["model"] == "tiny"
    assert data["environment"]["interpreter"]
    assert list(data["figures"]) == WAYS
    assert data["figures"]["bare loop"]["ratio"] == pytest.approx(1)
    assert [[len(repeat[way]) for way in WAYS] for repeat in data["samples_us"]] == [[12] * 4] * 2
