"""Generated C is clean under AddressSanitizer and UndefinedBehaviorSanitizer."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "figures" / "c_sanitizers.py"

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


def run(folder, models, inputs):
    paths = []
    for index, model in enumerate(models):
        paths.append(folder / f"m{index}.tflite")
        paths[-1].write_bytes(model)
    return subprocess.run(
        [sys.executable, SCRIPT, *paths, "--inputs", str(inputs), "--json", folder / "out.json"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_random_graphs_are_clean(c_graphs, tmp_path):
    done = run(tmp_path, [c_graphs.random_graph(seed) for seed in (0, 1, 2)], 60)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((tmp_path / "out.json").read_text())
    assert [row["found"] for row in rows] == ["", "", ""]


def test_reference_models_are_clean(test_data, tmp_path):
    models = [(test_data / f"{name}_ref_int8.tflite").read_bytes() for name in ("kws", "ic", "ad")]
    done = run(tmp_path, models, 5)
    assert done.returncode == 0, done.stdout + done.stderr
