"""The examples of docs/compression run and say what their pages say."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "compression"
SAID = {
    "adapters": [
        "0.weight merged '0.weight' holds the merged weights in INT8 at",
        "2.weight merged",
    ],
    "distinct-values": [
        "a palette of 8 values for the tensor, 3 bits | kept 8 values, 8 int8 codes; every value",
        "ternary, with a scale for each channel | kept 3 values, 3 int8 codes; all 640 weights",
        "432 weights in 170 bytes",
        "640 weights in 162 bytes",
    ],
    "low-bit": [
        "0.weight kept on a grid of 4 bits, with a step for each channel all 432 weights stand",
        "4.weight kept on a grid of 4 bits, with a step for the tensor all 640 weights stand",
    ],
    "experts": ["takes 2 of 4 experts for each of 5 tokens", "kept TOPK_V2"],
    "leftovers": ["1 Dropout in training mode", "merged none of the final model's", "dropout"],
}


@pytest.mark.parametrize("page", SAID)
def test_the_example(page, tmp_path):
    if page == "adapters" and find_spec("peft") is None:
        pytest.skip("peft, which makes adapters, is missing")
    text = (PAGES / f"{page}.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    script = tmp_path / "example.py"
    script.write_text(code)
    # A process of its own: peft and what it imports warn of each other.
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(SAID[page])
    for line, said in zip(lines, SAID[page], strict=True):
        assert said in line
    assert not (tmp_path / "no.edgekit").exists()
