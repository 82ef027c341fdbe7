"""What docs/plugins.md shows is in the example that a test installs and runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text()
EXAMPLE = "\n".join(
    path.read_text()
    for path in sorted((ROOT / "examples" / "plugin").rglob("*"))
    if path.suffix in (".py", ".cfg")
)
BLOCKS = re.findall(r"^```(?:python|ini)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_every_block_is_part_of_the_example(block):
    # Without indentation, which formatters of Markdown take away.
    assert _bare(block) in _bare(EXAMPLE)


def _bare(text):
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def test_there_are_blocks_of_all_kinds():
    text = "".join(BLOCKS)
    assert all(word in text for word in ("entry_points", "class ScpiDriver", "def open_piped"))
