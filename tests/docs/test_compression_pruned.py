"""The example of docs/compression/pruned.md runs, and ends as the page says."""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from edgekit.bundle import Bundle
from edgekit.cli.main import cli
from edgekit.converters.compression import Fate, FindingKind
from edgekit.converters.graph import read_graph

PAGE = (Path(__file__).parents[2] / "docs" / "compression" / "pruned.md").read_text()


def test_the_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names = {}
    exec(compile(code, "pruned.md", "exec"), names)

    found = [item for item in names["result"].findings if item.finding.kind is FindingKind.PRUNED]
    first, second = found
    assert (first.fate, second.fate) == (Fate.MERGED, Fate.MERGED)
    assert "8 of 16 output" in first.proof
    assert first.finding.figures["pattern"] == "channels"
    assert second.finding.figures["density"] == 0.5
    assert first.proof in capsys.readouterr().out
    shown = CliRunner().invoke(cli, ["inspect", "pruned.edgekit", "--json"])
    fates = [(item["kind"], item["fate"]) for item in json.loads(shown.stdout)["findings"]]
    assert fates.count(("pruned", "merged")) == 2
    main = read_graph(Bundle.open("pruned.edgekit").model).main
    convolutions = [item for item in main.operators if item.kind == "CONV_2D"]
    assert [main.tensors[item.outputs[0]].shape[-1] for item in convolutions] == [8, 16]
