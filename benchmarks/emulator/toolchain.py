"""The compilers and emulators that emulated boards need, and the packages that bring them."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from edgekit.benchmarks.emulator.errors import MissingToolError
from edgekit.benchmarks.emulator.machine import EmulatedCore

__all__ = ["find_tool", "require_tools", "run_tool"]

_PACKAGES = {
    "arm-none-eabi": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "riscv64-unknown-elf": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    "qemu-system-arm": "qemu-system-arm",
    "qemu-system-riscv32": "qemu-system-misc",
}


def find_tool(tool: str) -> str:
    """Return the path of a command.

    Raises:
        MissingToolError: It is not installed; names the Debian packages.
    """
    path = shutil.which(tool)
    if path is None:
        package = next(names for start, names in _PACKAGES.items() if tool.startswith(start))
        raise MissingToolError(tool, package)
    return path


def require_tools(core: EmulatedCore) -> None:
    """Look for everything that a core needs, before anything is built.

    Raises:
        MissingToolError: Something is not installed.
    """
    for tool in (f"{core.compiler}-gcc", f"{core.compiler}-addr2line", core.machine.system):
        find_tool(tool)


def run_tool(tool: str, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder and return what it said, whatever its exit status."""
    return subprocess.run(
        [find_tool(tool), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
