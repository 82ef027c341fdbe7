"""The program of docs/records.md runs, and its figures are those of the record."""

import json
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "records.md").read_text()


def test_the_documented_program_runs(tmp_path, tflite_models, monkeypatch):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    tflite_models.float_bundle(tmp_path / "kws.edgekit")
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    row, target = done.stdout.splitlines()
    assert re.fullmatch(r"[0-9a-f]{12} \S+\+00:00 [\d.]+", row)
    assert target == "host"


def test_the_figures_are_those_of_the_record():
    drill = json.loads((DOCS / "figures" / "record_drill.json").read_text())["drill"]
    rows = PAGE.partition("| drill | outcome |")[2].splitlines()[2:]
    numbers = [[int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", row)] for row in rows]
    assert numbers == [
        [drill["processes"], 200, drill["found"], drill["written"]],
        [drill["kills"], drill["kept"], drill["acknowledged"]],
        [
            drill["noise_pages"],
            drill["of_records"],
            drill["noise_pages"] - drill["unnoticed"],
            drill["saved"],
        ],
    ]
    assert drill["written"] == drill["processes"] * 200
    assert drill["damaged_rounds"] == 0
