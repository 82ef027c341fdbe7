"""The command and the program of docs/accuracy.md work, on a network that int8 breaks."""

import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from edgekit.bundle import Bundle
from edgekit.cli.main import cli
from edgekit.converters.accuracy import RUNGS

PAGE = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text()


def _block(language):
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return block


class Uneven(nn.Module):
    """Two separable blocks whose depthwise channels differ by 100x."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.depthwise = nn.ModuleList(nn.Conv2d(8, 8, 3, groups=8) for _ in range(2))
        self.pointwise = nn.ModuleList(nn.Conv2d(8, 8, 1) for _ in range(2))
        self.head = nn.Linear(8 * 16, 4)
        factors = 100.0 ** -torch.linspace(0, 1, 8)
        with torch.no_grad():
            for depthwise, pointwise in zip(self.depthwise, self.pointwise, strict=True):
                depthwise.weight.mul_(factors[:, None, None, None])
                depthwise.bias.mul_(factors)
                pointwise.weight.div_(factors[None, :, None, None])

    def forward(self, x):
        hidden = torch.relu(self.stem(x))
        for depthwise, pointwise in zip(self.depthwise, self.pointwise, strict=True):
            hidden = torch.relu(pointwise(torch.relu(depthwise(hidden))))
        return self.head(hidden.flatten(1))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with the network and samples that bear its own answers as labels.

    Of 1,200 samples those are taken whose answers are clearest, for the network was not trained.
    """
    folder = tmp_path_factory.mktemp("project")
    net = Uneven().eval()
    x = np.random.default_rng(0).standard_normal((1200, 1, 1, 8, 8)).astype(np.float32)
    with torch.no_grad():
        net.head.bias.sub_(net(torch.from_numpy(x[:, 0])).mean(0))  # no class wins always
        scores = net(torch.from_numpy(x[:, 0])).numpy()
    first, second = np.sort(scores, axis=1)[:, :-3:-1].T
    clear = np.sort(np.argsort(first - second)[-300:])
    np.savez(folder / "digits.npz", x=x[clear], y=scores[clear].argmax(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about itself
        program = torch.onnx.export(
            net, (torch.zeros(1, 1, 8, 8),), dynamo=True, verbose=False, input_names=["x"]
        )
    program.save(folder / "digits.onnx")
    return folder


@pytest.fixture
def inside(project, monkeypatch):
    monkeypatch.chdir(project)
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(project / "cache"))


def run(*more):
    words = shlex.split(_block("console").removeprefix("$ edgekit "))
    return CliRunner().invoke(cli, [*words, *more])


def test_the_documented_command_climbs_to_the_budget(inside):
    missed = run("--no-climb")
    assert missed.exit_code == 1
    assert "top-1 falls by" in str(missed.exception)

    result = run("--verbose")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "Accuracy ladder" in result.stdout
    assert "layers that each rung changed" in result.stdout
    bundle = Bundle.open(Path("digits.edgekit"))
    accuracy = bundle.json("accuracy.json")
    assert accuracy["schema_version"] == 1
    assert accuracy["holds"]
    assert accuracy["rungs"][0]["name"] == "plain"
    assert accuracy["rungs"][-1]["holds"]
    assert bundle.json("parity.json")["metric"]["final_model"] == accuracy["rungs"][-1]["metric"]


def test_the_documented_program_runs(inside):
    done = subprocess.run([sys.executable, "-c", _block("python")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = dict(re.findall(r"^(\w+): ([\d.]+) dB$", done.stdout, re.MULTILINE))
    assert float(figures["equalized"]) > float(figures["plain"]) + 3
    assert "equalization: kept" in done.stdout


def test_every_rung_is_on_the_page():
    table = PAGE[: PAGE.index("## What the budget is")]
    rows = re.findall(r"^\| ([a-z0-9 ]+?) \|", table, re.MULTILINE)
    assert [rung.name for rung in RUNGS] == rows[1:]
