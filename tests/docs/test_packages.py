"""The program of docs/packages.md runs, and its figures are those of the records."""

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "packages.md").read_text()


def test_the_documented_program_runs(tmp_path, tflite_models):
    tflite_models.conv_bundle(tmp_path / "net.edgekit")
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "src/net.c" in done.stdout


def test_every_linked_file_exists():
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert target.startswith("https://") or (DOCS / target).exists(), target
