"""The model that docs/compression/trained-grids.md makes builds by the command that it shows."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from edgekit.bundle import Bundle
from edgekit.cli.main import cli

PAGE = (Path(__file__).parents[2] / "docs" / "compression" / "trained-grids.md").read_text()


def _block(language):
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return block


def test_the_example_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(_block("python"), "trained-grids.md", "exec"), {})
    words = shlex.split(_block("console").removeprefix("$ edgekit "))
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    (given,) = Bundle.open(tmp_path / "net.edgekit").manifest.inputs
    assert (given.dtype, given.zero_point) == ("int8", -8)
