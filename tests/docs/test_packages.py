"""The program of docs/packages.md runs, and its figures are those of the records."""

import json
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


def test_the_figures_of_plans_are_those_of_the_record():
    rows = json.loads((DOCS / "figures" / "memory_plans.json").read_text())
    networks = [row for row in rows if "buffers" in row]
    assert all(row["is_optimal"] for row in networks)
    for row in networks:
        (line,) = re.findall(rf"^\| {row['network'].replace('_', ' ')} \|.*$", PAGE, re.M)
        assert f"{row['arena_bytes']:,}" in line
        assert f"{row['largest_first_bytes']:,}" in line
    graphs = [row for row in rows if "neither" in row]
    assert f"{sum(row['proved_optimal'] for row in graphs)} plans are proved" in PAGE
    assert f"{sum(row['neither'] for row in graphs)} is neither proved" in PAGE


def test_the_figures_of_stripes_are_those_of_the_record():
    record = json.loads((DOCS / "figures" / "stripes.json").read_text())
    for row in record["rows"]:
        found = row.get("arena_bytes", row.get("smallest_bytes"))
        assert f"{found:,}" in PAGE
        if "arena_bytes" in row:
            assert f"| {row['schedule']} | {row['extra_macs_share']:.1%} of all MACs |" in PAGE
