"""The program of docs/updating.md runs, and its figures are those of the record."""

import json
import re
import subprocess
import sys
from pathlib import Path

import ai_edge_litert.schema_py_generated as schema
import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "updating.md").read_text()


@pytest.fixture
def project(tmp_path, tflite_models):
    """Two models: twice the input, and the input plus ten."""
    tflite_models.float_bundle(tmp_path / "first.edgekit", axes=(0, 1, 2))
    size, spec, build = (1, 2, 3), tflite_models.spec, tflite_models.Builder()
    x = build.tensor("x", size, "float32")
    ten = build.tensor("ten", size, "float32", data=np.full(size, 10))
    out = build.tensor("twice", size, "float32")
    build.op("ADD", [x, ten], [out], schema.AddOptionsT())
    build.inputs, build.outputs = [x], [out]
    tflite_models.bundle(
        tmp_path / "second.edgekit",
        build.build(),
        [spec("x", "float32", size)],
        [spec("twice", "float32", size)],
    )
    return tmp_path


def test_the_documented_program_runs(project):
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=project
    )
    assert done.returncode == 0, done.stderr
    first, second, back, refused = done.stdout.splitlines()
    assert (first, second, back) == ("v1: 2.0", "v2: 11.0", "rolled back: 2.0")
    assert refused.startswith("refused: ")
    assert "no golden inputs" in refused


def test_the_figures_are_those_of_the_record():
    drill = json.loads((DOCS / "figures" / "update_drill.json").read_text())["drill"]
    figures = re.findall(r"^\| [a-z].* \| (.*) \|$", PAGE, re.MULTILINE)
    names = ("kills", "verified", "fell_back", "leftovers")
    pairs = ("refused_tampered", "tampered"), ("refused_keys", "other_keys")
    assert figures == [
        *(str(drill[name]) for name in names),
        *(f"{drill[refused]} of {drill[count]}" for refused, count in pairs),
    ]
    assert drill["verified"] == drill["kills"] >= 200
    assert all(drill[refused] == drill[count] > 0 for refused, count in pairs)
