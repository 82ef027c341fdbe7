"""What the README shows works: its Python runs, and every command and option exists."""

import re
import shlex
from pathlib import Path

import click
import pytest

import edgekit
from edgekit.cli.main import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def _commands():
    """Return every `edgekit ...` that the README shows, as a list of words."""
    shown = "\n".join([*_blocks("console"), *_blocks("bash"), *_blocks("sh")])
    lines = re.findall(r"^(?:\$ )?(edgekit .*)$", shown.replace("\\\n", " "), re.MULTILINE)
    inline = re.findall(r"`(edgekit [^`]*)`", README)
    return [shlex.split(text) for text in [*lines, *inline]]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(_blocks("python"))))
def test_the_python_runs_as_shown(number, tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    pytest.importorskip("onnx2tf")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "cache"))
    exec(compile(_blocks("python")[number], "README.md", "exec"), {})
    assert "measured" in capsys.readouterr().out
    (bundle,) = tmp_path.glob("*.edgekit")
    assert edgekit.Bundle.open(bundle).manifest.scheme == "int8"


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_command_and_option_exists(words):
    _, *rest = words
    context = click.Context(cli, info_name="edgekit")
    command = cli
    if rest and not rest[0].startswith("-"):
        command = cli.get_command(context, rest[0])
        assert command is not None, f"no such command: {rest[0]}"
    known = {
        name for item in command.get_params(context) for name in (*item.opts, *item.secondary_opts)
    }
    used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert used <= known


def test_it_shows_commands_and_python():
    assert len(_commands()) >= 5
    assert _blocks("python")


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_every_linked_file_exists():
    for link in re.findall(r"\]\(([^)#]+)", README):
        if "://" not in link:
            assert (ROOT / link).exists(), link


def test_every_folder_is_described():
    for folder in ("sdk", "converters", "runtime", "benchmarks", "device_profiles", "tests"):
        assert re.search(rf"^\| `{folder}/`", README, re.MULTILINE), folder
