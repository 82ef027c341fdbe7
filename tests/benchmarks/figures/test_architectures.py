"""The harness of architecture families measures one and survives a crash."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = Path(__file__).parents[3] / "benchmarks" / "figures"
SCRIPT = FIGURES / "architectures.py"

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def children(script):
    return script("architectures.children")


def run(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_a_family_becomes_a_row(tmp_path):
    out = tmp_path / "out.json"
    code, printed, error = run("vit", "--json", out, "--keep", tmp_path)
    assert code == 0, error
    assert printed.splitlines()[1].startswith("vit")
    (row,) = json.loads(out.read_text())["rows"]
    assert "error" not in row
    assert row["violations"] == 0
    assert row["float_sqnr_db"] > 60
    assert min(row["int8_sqnr_db"], row["reference_sqnr_db"]) > 15
    assert row["seconds"] > 0
    assert (tmp_path / "vit" / "edgekit-onnx-int8.tflite").is_file()


@pytest.mark.slow
def test_an_unknown_family_is_an_error():
    code, _, error = run("resnot")
    assert code == 2
    assert "no family resnot; there are" in error


@pytest.mark.parametrize(
    ("function", "seconds", "said"),
    [
        (os.abort, 60, "ended with code -6"),
        (os.listdir, 60, "No such file"),
        (input, 0, "not done"),
    ],
)
def test_a_child_that_fails_is_an_answer(children, function, seconds, said):
    with pytest.raises(children.ChildError, match=said):
        children.in_child(
            function, *(["/nowhere"] if function is os.listdir else []), seconds=seconds
        )


def test_a_child_answers(children):
    assert children.in_child(abs, -3, seconds=60) == 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("lowering failed\nat once", "lowering failed"),
        ("no (/home/me/lib/python3.11/a.py:3)", "no (a.py:3)"),
        ("1/2 of ai.onnx/Add, see https://x.org/a/b", "1/2 of ai.onnx/Add, see https://x.org/a/b"),
    ],
)
def test_an_error_is_told_in_a_line_without_folders(children, error, said):
    assert children.first_line(ValueError(error)) == said
