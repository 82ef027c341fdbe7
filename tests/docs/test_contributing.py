"""What CONTRIBUTING shows is what stands in the tree, and as short as it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
OPERATOR = "converters/lowering/ops/tensor_scatter.py"
MOST_LINES = 40


def _blocks():
    return re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_the_example_of_an_operator_is_the_file():
    shown = [block for block in _blocks() if "@lowers" in block]
    assert shown == [(ROOT / OPERATOR).read_text()]
    assert "@quantizes" in shown[0]
    assert len(shown[0].splitlines()) <= MOST_LINES


def test_its_test_is_there():
    shown = [block for block in _blocks() if "test_it_is_exact" in block]
    (path,) = re.findall(r"`(tests/[^`]*test_tensor_scatter.py)`", TEXT)
    assert len(shown) == 1
    assert shown[0] in (ROOT / path).read_text()


def test_every_linked_file_exists():
    for link in re.findall(r"\]\(([^)#]+)", TEXT):
        if "://" not in link:
            assert (ROOT / link).exists(), link
