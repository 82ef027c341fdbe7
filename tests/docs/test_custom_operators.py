"""The plugin that docs/custom-operators.md shows works, by the command that it shows."""

import re
import shlex
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper

from edgekit.bundle import Bundle
from edgekit.cli.main import cli

PAGE = (Path(__file__).parents[2] / "docs" / "custom-operators.md").read_text()


def _block(language):
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return block


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the plugin, a model of two Snakes, and samples."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snake.py").write_text(_block("python"))
    nodes = [
        helper.make_node("Snake", ["x"], ["h"], name="first", domain="com.example", alpha=2.0),
        helper.make_node("Snake", ["h"], ["y"], name="second", domain="com.example"),
    ]
    shape = [1, 4, 16]
    graph = helper.make_graph(
        nodes,
        "vocoder",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid("com.example", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), "vocoder.onnx")
    np.savez("samples.npz", x=np.random.default_rng(0).standard_normal((80, 1, 4, 16), np.float32))
    return tmp_path


def run(*more, without=()):
    line = _block("console").removeprefix("$ edgekit ")
    words = [word for word in shlex.split(line) if word not in without]
    return CliRunner().invoke(cli, [*words, *more])


def test_the_documented_plugin_builds(project):
    result = run()
    assert result.exit_code == 0, result.output
    bundle = Bundle.open(project / "vocoder.edgekit")
    assert bundle.manifest.scheme == "int8"
    assert not bundle.manifest.float_islands


def test_the_definition_is_enough(project):
    text = (project / "snake.py").read_text()
    (project / "snake.py").write_text(text[: text.index("@lowers")])
    assert run("--allow-float-islands").exit_code == 0


def test_without_the_plugin_the_hint_names_it(project):
    result = run(without=("--plugin", "snake.py"))
    assert result.exit_code == 1
    assert "Snake 'second' of domain 'com.example'" in str(result.exception)
    assert "--plugin" in result.exception.hint


def test_a_wrong_lowering_is_not_built(project):
    text = (project / "snake.py").read_text()
    (project / "snake.py").write_text(text.replace("(1.0 / alpha)", "alpha"))
    result = run()
    assert result.exit_code == 1
    assert "lowering changed the model" in str(result.exception)
    assert not (project / "vocoder.edgekit").exists()
