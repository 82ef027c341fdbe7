"""Missing tools are errors that name the packages."""

import pytest

from edgekit.benchmarks.emulator import MissingToolError, core_names, load_core
from edgekit.benchmarks.emulator.toolchain import find_tool, require_tools, run_tool


@pytest.mark.parametrize("name", core_names())
def test_a_missing_tool_names_its_packages(name, monkeypatch):
    monkeypatch.setenv("PATH", "")
    core = load_core(name)
    with pytest.raises(MissingToolError) as caught:
        require_tools(core)
    assert f"apt-get install gcc-{core.compiler}" in caught.value.hint
    with pytest.raises(MissingToolError) as caught:
        find_tool(core.machine.system)
    assert "apt-get install qemu-system-" in caught.value.hint


def test_a_tool_runs_in_a_folder(tmp_path, monkeypatch):
    tool = tmp_path / "arm-none-eabi-pwd"
    tool.write_text("#!/bin/sh\npwd; echo $1 >&2; exit 3\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    done = run_tool("arm-none-eabi-pwd", ["word"], tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (3, str(tmp_path), "word\n")
