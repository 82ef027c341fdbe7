"""What a result must carry so that another can be compared with it: the machine and versions."""

import importlib.metadata
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.runtime import Backend

__all__ = ["Environment", "capture_environment"]

_ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where and with what a bundle was run. What a system does not tell is None.

    Attributes:
        cpu_model: As the system names the processor or board.
        logical_cores: Hardware threads of the whole machine.
        governor: What sets the processor's frequency; several where cores differ.
        frequency_hz: Of the fastest core at this moment.
        frequency_max_hz: The highest that the governor allows to any core.
        os: Name, release and C library of the system.
        machine: Architecture, for example ``aarch64``.
        python: Implementation and version.
        numpy: Version.
        edgekit: Version.
        interpreter: Package that ran the model.
        interpreter_version: Version of that package.
        kernels: Which operator implementations ran.
        threads: How many threads one inference could use.
        load_average: Processes that were ready to run, over the last minute.
        virtualization: A hint that the processor is shared or virtual, for example
            ``hypervisor`` or ``docker``; None does not prove the contrary.
    """

    cpu_model: str
    logical_cores: int
    governor: str | None
    frequency_hz: int | None
    frequency_max_hz: int | None
    os: str
    machine: str
    python: str
    numpy: str
    edgekit: str
    interpreter: str
    interpreter_version: str
    kernels: str
    threads: int
    load_average: float | None
    virtualization: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the environment as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read an environment back.

        Raises:
            ResultFormatError: A field is missing or unknown.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise ResultFormatError("environment", str(error)) from error


def capture_environment(backend: Backend, *, root: Path = _ROOT) -> Environment:
    """Return the environment of this process at this moment.

    Args:
        backend: What runs the model.
        root: Where ``proc`` and ``sys`` are mounted.
    """
    return Environment(
        cpu_model=_cpu_model(root),
        logical_cores=os.cpu_count() or 1,
        governor=_governor(root),
        frequency_hz=_frequency(root, "scaling_cur_freq"),
        frequency_max_hz=_frequency(root, "scaling_max_freq"),
        os=platform.platform(),
        machine=platform.machine(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=np.__version__,
        edgekit=importlib.metadata.version("edgekit"),
        interpreter=backend.package,
        interpreter_version=backend.version,
        kernels=str(backend.kernels),
        threads=backend.threads,
        load_average=_load_average(root),
        virtualization=_virtualization(root),
    )


def _text(path: Path) -> str:
    """Return a file's text, empty where there is none: systems differ in what they tell."""
    try:
        return path.read_text(errors="replace").strip().strip("\0")
    except OSError:
        return ""


def _cpu_model(root: Path) -> str:
    # x86 has "model name"; ARM boards name themselves in the device tree.
    names: dict[str, str] = {}
    for line in _text(root / "proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        names[name.strip()] = value.strip()
    return (
        names.get("model name")
        or _text(root / "proc/device-tree/model")
        or names.get("Hardware")
        or platform.processor()
        or platform.machine()
    )


def _each_core(root: Path, name: str) -> list[str]:
    files = sorted(root.glob(f"sys/devices/system/cpu/cpu[0-9]*/cpufreq/{name}"))
    return [text for text in map(_text, files) if text]


def _governor(root: Path) -> str | None:
    return ", ".join(sorted(set(_each_core(root, "scaling_governor")))) or None


def _frequency(root: Path, name: str) -> int | None:
    kilohertz = [int(text) for text in _each_core(root, name) if text.isdigit()]
    return max(kilohertz) * 1000 if kilohertz else None


def _load_average(root: Path) -> float | None:
    fields = _text(root / "proc/loadavg").split()
    return float(fields[0]) if fields else None


def _virtualization(root: Path) -> str | None:
    hints = {
        "hypervisor": " hypervisor" in _text(root / "proc/cpuinfo")
        or (root / "proc/device-tree/hypervisor").exists(),
        "docker": (root / ".dockerenv").exists(),
        "podman": (root / "run/.containerenv").exists(),
    }
    return ", ".join(name for name, seen in hints.items() if seen) or None
