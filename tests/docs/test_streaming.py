"""The program of docs/streaming.md runs, and its figures are those of the record."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edgekit.runtime.streaming as streaming
from edgekit.benchmarks import Measurement

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "streaming.md").read_text()
LABELS = ("Yes", "No", "Silence", "x")


@pytest.fixture
def project(tmp_path, tflite_models):
    """A network that says Yes to twos and Silence to zeros, with the shapes of the page."""
    schema, spec = tflite_models.schema, tflite_models.spec
    build = tflite_models.Builder()
    x = build.tensor("x", (1, 490), "float32")
    weights = np.zeros((4, 490), np.float32)
    weights[0], bias = 0.05, np.float32([-10, -20, 0, -20])
    w = build.tensor("w", (4, 490), "float32", data=weights)
    b = build.tensor("b", (4,), "float32", data=bias)
    logits = build.tensor("logits", (1, 4), "float32")
    scores = build.tensor("scores", (1, 4), "float32")
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    frames = build.tensor("frames", (1, 49, 10), "float32")
    shape = build.tensor("shape", (2,), "int32", data=[1, 490])
    build.op("RESHAPE", [frames, shape], [x], schema.ReshapeOptionsT())
    build.op("FULLY_CONNECTED", [x, w, b], [logits], schema.FullyConnectedOptionsT())
    build.op("SOFTMAX", [logits], [scores], softmax)
    build.inputs, build.outputs = [frames], [scores]
    tflite_models.bundle(
        tmp_path / "kws.edgekit",
        build.build(),
        [spec("frames", "float32", (1, 49, 10))],
        [spec("scores", "float32", (1, 4))],
        labels=LABELS,
    )
    heard = np.zeros((500, 10), np.float32)
    heard[100:200] = heard[350:400] = 2
    np.savez(tmp_path / "features.npz", x=heard)
    return tmp_path


def test_the_documented_program_runs(project):
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=project
    )
    assert done.returncode == 0, done.stderr
    *found, counts = done.stdout.splitlines()
    assert [line.split(": ")[1].split()[0] for line in found] == ["Yes", "Yes"]
    times = [float(line.split(" s: ")[0]) for line in found]
    assert 2.0 < times[0] < 3.5  # frames 100 to 149 and some windows
    assert 7.0 < times[1] < 8.5
    assert "samples=500, windows=91, dropped_windows=0, lost_samples=0" in counts


def test_every_name_on_the_page_exists():
    names = set(re.findall(r"`([A-Z][a-z]+[A-Za-z]+)(?:\.[a-z_]+)?[`(]", PAGE)) - {"Model"}
    assert names
    assert {name for name in names if not hasattr(streaming, name)} == set()


def test_the_figures_are_those_of_the_record():
    runs = json.loads((DOCS / "figures" / "streaming.json").read_text())["runs"]
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([\d.,]+)x \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == len(runs)
    for (policy, speed, rest), run in zip(rows, runs, strict=True):
        assert policy.lower() == run["policy"]
        assert float(speed) == pytest.approx(Measurement.from_json(run["speed"]).value, abs=0.5)
        windows, dropped, lost, start, end = rest.split(" | ")
        assert int(windows.replace(",", "")) == run["windows"]
        assert (int(dropped), int(lost)) == (run["dropped_windows"], run["lost_samples"])
        assert float(start) == round(run["rss_start_bytes"] / 2**20, 2)
        assert float(end) == round(run["rss_end_bytes"] / 2**20, 2)
