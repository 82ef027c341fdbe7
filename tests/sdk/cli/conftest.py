"""The command line as tests drive it, and one project that was really built with it."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from edgekit.cli.main import cli, main
from edgekit.converters.cache import Cache
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.sources import open_source

DOCS = Path(__file__).parents[3] / "docs" / "cli.md"
CLASSES = ("left to right", "top to bottom", "middle")
TORCH_NET = """
import torch

def get_model():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 3),
    )

def get_args():
    return (torch.zeros(1, 1, 8, 8),)
"""


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Run a command line in this process, in an empty folder; errors stay exceptions."""
    monkeypatch.chdir(tmp_path)
    return _invoke


@pytest.fixture
def succeed(invoke):
    """Run a command line that must succeed and return its standard output."""

    def run(*arguments):
        result = invoke(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    return run


@pytest.fixture
def invoke_here():
    """Run a command line in this process, in the current folder; errors stay exceptions."""
    return _invoke


@pytest.fixture(scope="session")
def documented_commands():
    """The arguments of every edgekit command in the ```console blocks of docs/cli.md."""
    return _documented_commands()


@pytest.fixture
def run_main(monkeypatch, capfd, tmp_path):
    """Run `main` itself in this process: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)  # pytest needs its own handlers

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["edgekit", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capfd.readouterr()
        return left.value.code, captured.out, captured.err

    return run


@pytest.fixture
def edgekit(tmp_path):
    """Run a command line in a process of its own."""

    def run(*arguments, **options):
        return subprocess.run(
            program(*arguments), cwd=tmp_path, capture_output=True, text=True, **options
        )

    return run


def program(*arguments):
    """Return the command of a child process that runs the command line."""
    code = "from edgekit.cli.main import main; main()"
    return [sys.executable, "-c", code, *map(str, arguments)]


@dataclass(frozen=True)
class Project:
    """A folder with a model, data and the bundle that was built of them.

    Attributes:
        folder: Holds net.onnx, samples.npz, plain.npz without the classes, classes.txt, digit.png
            and net.edgekit; a torch network in net.py; and as TFLite has it, channels last,
            float.tflite and nhwc.npz.
        build: What `edgekit build` printed.
    """

    folder: Path
    build: Result

    @property
    def bundle(self):
        return self.folder / "net.edgekit"


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The project of docs/cli.md, built by the command that stands there."""
    folder = tmp_path_factory.mktemp("project")
    _write_project(folder)
    (arguments,) = [words for words in _documented_commands() if words[0] == "build"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("EDGEKIT_CACHE_DIR", str(folder / "cache"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        result = _invoke(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return Project(folder, result)


@pytest.fixture
def in_project(project, monkeypatch):
    """The project as the current folder, with its own cache."""
    monkeypatch.chdir(project.folder)
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(project.folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(project.folder / "state"))
    return project


def _documented_commands():
    """Return the arguments of every edgekit command in the ```console blocks of docs/cli.md."""
    blocks = re.findall(r"^```console\n(.*?)^```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    commands = [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]
    assert all(words[0] == "edgekit" for words in commands)
    return [words[1:] for words in commands]


def _invoke(*arguments):
    return CliRunner().invoke(cli, [os.fspath(item) for item in arguments], prog_name="edgekit")


def _write_project(folder):
    images, labels = smooth_images(40)
    np.savez(folder / "samples.npz", image=images, y=labels)
    (folder / "net.onnx").write_bytes(classifier(images, labels).SerializeToString())
    with OwnEngine(Cache(folder / "cache"), folder / "log") as engine:
        lowered = engine.lower(open_source(folder / "net.onnx"))
    (folder / "float.tflite").write_bytes(lowered.tflite)
    np.savez(folder / "nhwc.npz", image=np.moveaxis(images, 1, -1), y=labels)
    np.savez(folder / "plain.npz", image=images)
    (folder / "net.py").write_text(TORCH_NET)
    (folder / "classes.txt").write_text("\n".join(CLASSES) + "\n")
    Image.fromarray((255 * images[2, 0]).astype(np.uint8)).save(folder / "digit.png")


def smooth_images(count, seed=0):
    """Return ``[count,1,8,8]`` smooth pictures of three kinds in 0..1, and their kinds."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:8, 0:8] / 7
    kinds = (x, y, 1 - 2 * np.hypot(x - 0.5, y - 0.5))
    labels = np.arange(count, dtype=np.int64) % len(kinds)
    strength = generator.uniform(0.6, 1.0, count)
    offset = generator.uniform(-0.1, 0.1, (count, 1, 1))
    pictures = np.stack([kinds[label] for label in labels]) * strength[:, None, None] + offset
    return np.clip(pictures, 0, 1).astype(np.float32)[:, None], labels


def classifier(images, labels):
    """Return a convolution, a pooling and a dense layer, the last one fitted to the pictures."""
    generator = np.random.default_rng(1)
    filters = generator.normal(0, 0.4, (4, 1, 3, 3)).astype(np.float32)
    flat = _features(images, filters).reshape(len(images), -1)
    wanted = 8 * np.eye(len(CLASSES))[labels] - 4
    ridge = flat.T @ flat + 0.1 * np.eye(flat.shape[1])
    dense = np.linalg.solve(ridge, flat.T @ wanted).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "filters"], ["conv"], name="conv", pads=[1] * 4),
        helper.make_node("Relu", ["conv"], ["active"], name="relu"),
        helper.make_node("MaxPool", ["active"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "dense"], ["logits"], name="dense"),
        helper.make_node("Softmax", ["logits"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, len(CLASSES)])],
        [numpy_helper.from_array(filters, "filters"), numpy_helper.from_array(dense, "dense")],
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="tests")
    onnx.checker.check_model(model)
    return model


def _features(images, filters):
    """Return what Conv, Relu and MaxPool make of pictures, in plain NumPy."""
    padded = np.pad(images[:, 0], ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    active = np.maximum(np.einsum("nhwij,fij->nfhw", windows, filters[:, 0]), 0)
    return active.reshape(len(images), len(filters), 4, 2, 4, 2).max(axis=(3, 5))
