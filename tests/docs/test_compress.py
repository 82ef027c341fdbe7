"""What docs/compress.md shows works, in its order: the file, the commands, the Python."""

import json
import re
import runpy
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from edgekit.cli.main import cli
from edgekit.runtime import Model

PAGE = (Path(__file__).parents[2] / "docs" / "compress.md").read_text()


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the page's net.py and what it writes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(_blocks("python")[0])
    return runpy.run_path("net.py")


def test_the_commands_lead_to_a_pruned_bundle(project):
    (shell,) = _blocks("sh")
    _, *lines = shell.replace("\\\n", " ").strip().splitlines()
    for line in lines:
        result = CliRunner().invoke(cli, [*shlex.split(line)[1:], "--json"])
        assert result.exit_code == 0, (line, result.output, result.exception)
        said = json.loads(result.stdout)
        if "accuracy_after" in said:
            assert said["accuracy_after"] > said["accuracy_before"] - 3 > 80
    pruned = [item for item in said["findings"] if item["kind"] == "pruned"]
    assert len(pruned) == 2
    assert {item["fate"] for item in pruned} == {"kept"}

    images, digits = project["images"][:300], project["digits"].target[:300]
    with Model("small.edgekit") as model:
        found = [
            np.argmax(next(iter(model(image[None], layout="source").values()))) for image in images
        ]
    assert np.mean(np.array(found) == digits) > 0.85


def test_the_python_runs(project, capsys):
    _, methods, loop = _blocks("python")
    x, y = project["images"], project["digits"].target
    names = {"torch": torch, "network": project["get_model"](), "images": x, "labels": y}
    names["batches"] = [(torch.from_numpy(x[:64]), torch.from_numpy(y[:64]))]
    exec(compile(methods, "compress.md", "exec"), names)
    assert "0 8 of 16 channels are zero" in capsys.readouterr().out
    exec(compile(loop, "compress.md", "exec"), names)
    assert sum(layer.nonzero for layer in names["done"].report.layers) == (144 + 2560) // 2
