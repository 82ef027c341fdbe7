"""The script of the meters' errors runs and writes what it printed."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "figures" / "power_meters.py"
METERS = ["rapl", "ppk2", "ina219", "ina226", "ina260"]


def test_it_prints_and_writes_an_error_for_each_meter(tflite_models, tmp_path):
    bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    out = tmp_path / "out.json"
    command = [sys.executable, SCRIPT, bundle.path, "--repeats", "1", "--json", out]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:5]] == METERS
    assert lines[5].startswith("latency with a meter over without: ")
    data = json.loads(out.read_text())
    assert list(data["errors"]) == METERS
    assert all(abs(error) < 0.02 for errors in data["errors"].values() for error in errors)
    assert len(data["watching"]["samples_us"]["with"]) == 4
