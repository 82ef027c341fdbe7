"""What is installed of what edgekit can use, read from edgekit's own metadata."""

import importlib.metadata
import operator
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from edgekit.benchmarks.power import MeterState, probe_meters
from edgekit.converters.cache import Cache
from edgekit.runtime import available_backends

__all__ = [
    "Diagnosis",
    "ExtraState",
    "PackageState",
    "PackageVerdict",
    "diagnose",
    "read_extras",
    "satisfies",
]

_NAME = "edgekit"
_BASE = "base"

# `name[extras] specifiers ; extra == "x"`: the part of PEP 508 that edgekit's metadata uses.
_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)\s*(\[[^\]]*\])?\s*\(?(?P<versions>[^;)]*)\)?"
    r"(;\s*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?\s*"
)
_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_SPECIFIER = re.compile(r"(?P<comparison>[=!<>]=|[<>])\s*(?P<version>[\w.+!-]+)")


class PackageVerdict(StrEnum):
    """Whether a package serves."""

    OK = "ok"  # installed, in the required range
    MISSING = "missing"  # not installed
    OUT_OF_RANGE = "out of range"  # installed, in a version that was not asked for


@dataclass(frozen=True, slots=True)
class PackageState:
    """A package that edgekit requires.

    Attributes:
        name: As edgekit's metadata calls it.
        required: Versions that serve, for example ``>=1.26``; empty for any.
        installed: The version that is there, None where there is none.
    """

    name: str
    required: str
    installed: str | None

    @property
    def verdict(self) -> PackageVerdict:
        """Whether it serves."""
        if self.installed is None:
            return PackageVerdict.MISSING
        fits = satisfies(self.installed, self.required)
        return PackageVerdict.OK if fits else PackageVerdict.OUT_OF_RANGE


@dataclass(frozen=True, slots=True)
class ExtraState:
    """The packages of one extra.

    Attributes:
        name: Name of the extra, ``base`` for what is always required.
        packages: What it requires.
    """

    name: str
    packages: tuple[PackageState, ...]

    @property
    def complete(self) -> bool:
        """Whether every package serves."""
        return all(package.verdict is PackageVerdict.OK for package in self.packages)

    @property
    def install_command(self) -> str:
        """What installs it."""
        return (
            f"pip install '{_NAME}[{self.name}]'" if self.name != _BASE else f"pip install {_NAME}"
        )


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The state of an installation.

    Attributes:
        version: Of edgekit.
        python: Implementation and version.
        system: Name and release of the system, and the machine.
        extras: What is required always, then what each extra requires.
        backends: The interpreters that can run models and their versions, the preferred first.
        cache_folder: Where lowered models are kept.
        cache_bytes: How much that is.
        meters: The power meters that edgekit and installed packages have drivers for, and what
            each found.
    """

    version: str
    python: str
    system: str
    extras: tuple[ExtraState, ...]
    backends: dict[str, str]
    cache_folder: Path
    cache_bytes: int
    meters: dict[str, MeterState]

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as plain JSON values."""
        return {
            **asdict(self),
            "cache_folder": str(self.cache_folder),
            "meters": {name: state.to_json() for name, state in self.meters.items()},
            "extras": [
                {
                    "name": extra.name,
                    "complete": extra.complete,
                    "install_command": extra.install_command,
                    "packages": [
                        {**asdict(package), "verdict": str(package.verdict)}
                        for package in extra.packages
                    ],
                }
                for extra in self.extras
            ],
        }


def diagnose() -> Diagnosis:
    """Look at this installation; nothing heavy is imported, and nothing changed."""
    cache = Cache()
    return Diagnosis(
        version=importlib.metadata.version(_NAME),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        extras=read_extras(importlib.metadata.requires(_NAME) or ()),
        backends=available_backends(),
        cache_folder=cache.folder,
        cache_bytes=sum(entry.size_bytes for entry in cache.entries()),
        meters=probe_meters(),
    )


def read_extras(requirements: Sequence[str]) -> tuple[ExtraState, ...]:
    """Return the state of each extra that a list of requirements knows.

    An extra that only names other extras of edgekit is left out.

    Args:
        requirements: As ``importlib.metadata.requires`` gives them.
    """
    found: dict[str, list[PackageState]] = {_BASE: []}
    for text in requirements:
        match = _REQUIREMENT.fullmatch(text.strip())
        # Under other conditions (a platform, a Python version) nothing can be said.
        if match is None or match["name"] == _NAME:
            continue
        package = PackageState(match["name"], match["versions"].strip(), _installed(match["name"]))
        found.setdefault(match["extra"] or _BASE, []).append(package)
    return tuple(ExtraState(name, tuple(packages)) for name, packages in found.items())


def satisfies(version: str, required: str) -> bool:
    """Return whether a version is in a range such as ``>=1.26,<3``.

    Releases are compared by their numbers; suffixes such as ``rc1`` or ``+cpu`` do not count.
    """
    release = _release(version)
    for match in _SPECIFIER.finditer(required):
        bound = _release(match["version"])
        length = max(len(release), len(bound))
        if not _COMPARISONS[match["comparison"]](_padded(release, length), _padded(bound, length)):
            return False
    return True


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _release(version: str) -> tuple[int, ...]:
    numbers = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, numbers[0].split("."))) if numbers else ()


def _padded(release: tuple[int, ...], length: int) -> tuple[int, ...]:
    return release + (0,) * (length - len(release))
