"""The program of docs/reports.md runs, and its table lists the sections that reports have."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()


def test_the_documented_program_runs(tmp_path, tflite_models):
    tflite_models.pair_bundle(tmp_path / "net.edgekit")
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "<figure>" in (tmp_path / "report.html").read_text()


def test_the_table_lists_all_sections():
    making = Path(__file__).parents[2] / "sdk" / "reporting" / "sections"
    titles = [
        title
        for path in making.glob("*.py")
        for title in re.findall(r'Section\(\s*"[a-z]+",\s*"([^"]+)"', path.read_text())
    ]
    rows = re.findall(r"^\| ([A-Z][^|]*?) \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(titles)
