"""The completion scripts are what the shells take, and completing loads nothing heavy."""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

SHELLS = ["bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_ends_with_how_to_install_it(succeed, shell):
    script = succeed("completion", shell)
    assert "_EDGEKIT_COMPLETE" in script
    assert script.splitlines()[-1].startswith("# To install: ")
    assert f"edgekit completion {shell}" in script.splitlines()[-1]
    assert json.loads(succeed("completion", shell, "--json")) == {"shell": shell, "script": script}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_takes_the_script(succeed, tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "script"
    path.write_text(succeed("completion", shell))
    result = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_an_unknown_shell_is_a_usage_error(run_main):
    assert run_main("completion", "tcsh")[0] == 2


def completions(words):
    """Return what the program answers a shell, and which heavy modules that loaded."""
    code = (
        "import atexit, sys\n"
        "heavy = ('numpy', 'rich', 'onnx', 'tensorflow', 'torch')\n"
        "atexit.register(lambda: print([n for n in heavy if n in sys.modules], file=sys.stderr))\n"
        "from edgekit.cli.main import main; main()\n"
    )
    environment = {
        **os.environ,
        "_EDGEKIT_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    return [line.partition(",")[2] for line in result.stdout.splitlines()], result.stderr.strip()


def test_commands_complete_without_loading_them():
    found, heavy = completions(["edgekit", "b"])
    assert found == ["build", "benchmark"]
    assert heavy == "[]"


def test_options_and_their_values_complete():
    assert completions(["edgekit", "--v"])[0] == ["--version"]
    assert "--calibration-data" in completions(["edgekit", "build", "--cal"])[0]
    assert completions(["edgekit", "build", "--scheme", "int"])[0] == ["int8", "int16x8"]
    assert completions(["edgekit", "build", "-d", "nucleo"])[0] == [
        "nucleo-h7a3zi-q",
        "nucleo-l4r5zi",
    ]
    assert completions(["edgekit", "devices", "pix"])[0] == ["pixel-8"]


def test_bash_completes_with_the_script(succeed, tmp_path):
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    program = tmp_path / "edgekit"
    code = "from edgekit.cli.main import main; main()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    script = succeed("completion", "bash")
    lines = "COMP_WORDS=(edgekit compl); COMP_CWORD=1; _edgekit_completion edgekit; echo $COMPREPLY"
    result = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\n{lines}"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert result.stdout == "completion\n", result.stderr
