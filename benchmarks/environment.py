"""What must be equal for two results to be compared: the machine and the versions."""

import importlib.metadata
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.pinning import current_affinity
from edgekit.runtime import Backend

__all__ = ["Environment", "capture_environment"]

_ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where and with what a bundle was run. What a system does not tell is None.

    What changes by itself while a model runs is in `SystemState` instead.

    Attributes:
        cpu_model: As the system names the processor or board.
        logical_cores: Hardware threads of the whole machine.
        governor: What sets the processor's frequency; several where cores differ.
        frequency_max_hz: The highest that the governor allows to any core.
        affinity: Numbers of the processors that the model may run on; empty where a target
            has no such thing.
        os: Name, release and C library of the system.
        machine: Architecture, for example ``aarch64``.
        python: Implementation and version.
        numpy: Version.
        edgekit: Version.
        interpreter: Package that ran the model.
        interpreter_version: Version of that package.
        kernels: Which operator implementations ran.
        threads: How many threads one inference could use.
        virtualization: A hint that the processor is shared or virtual, for example
            ``hypervisor`` or ``docker``; None does not prove the contrary.
    """

    cpu_model: str
    logical_cores: int
    governor: str | None
    frequency_max_hz: int | None
    affinity: tuple[int, ...]
    os: str
    machine: str
    python: str
    numpy: str
    edgekit: str
    interpreter: str
    interpreter_version: str
    kernels: str
    threads: int
    virtualization: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the environment as plain JSON values."""
        return {**asdict(self), "affinity": list(self.affinity)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read an environment back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            return cls(**{**data, "affinity": tuple(map(int, data["affinity"]))})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("environment", str(error)) from error


def capture_environment(backend: Backend, *, root: Path = _ROOT) -> Environment:
    """Return the environment of this process.

    Args:
        backend: What runs the model.
        root: Where ``proc`` and ``sys`` are mounted.
    """
    return Environment(
        cpu_model=_cpu_model(root),
        logical_cores=os.cpu_count() or 1,
        governor=_governor(root),
        frequency_max_hz=_frequency(root, "scaling_max_freq"),
        affinity=current_affinity(),
        os=platform.platform(),
        machine=platform.machine(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=np.__version__,
        edgekit=importlib.metadata.version("edgekit"),
        interpreter=backend.package,
        interpreter_version=backend.version,
        kernels=str(backend.kernels),
        threads=backend.threads,
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


def _virtualization(root: Path) -> str | None:
    hints = {
        "hypervisor": " hypervisor" in _text(root / "proc/cpuinfo")
        or (root / "proc/device-tree/hypervisor").exists(),
        "docker": (root / ".dockerenv").exists(),
        "podman": (root / "run/.containerenv").exists(),
    }
    return ", ".join(name for name, seen in hints.items() if seen) or None
