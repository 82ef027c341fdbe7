"""The cores that can be emulated, and the machine and compiler of each: read from a data file."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from edgekit.device_profiles import DeviceKind, DeviceProfile, IsaFeature
from edgekit.errors import EdgekitError, UnknownNameError

__all__ = [
    "CounterCarry",
    "EmulatedCore",
    "Machine",
    "Region",
    "core_names",
    "core_of",
    "load_core",
]

_TABLE = Path(__file__).with_name("machines.toml")


class CounterCarry(StrEnum):
    """What the slow part of a counter counts."""

    SECONDS = "seconds"  # whole seconds of virtual time
    WORDS = "words"  # carries of the fast part, which has 32 bits


@dataclass(frozen=True, slots=True)
class Region:
    """A piece of a machine's memory."""

    origin: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """A board as QEMU emulates it; the data file explains the fields.

    Attributes:
        name: As QEMU calls it.
        system: The emulator's command.
        start: The C file with vectors, start and fault handlers.
        defines: Addresses that this file needs.
        counter_hz: Clock of the counter that instructions are counted by.
        counter_carry: What its slow part counts.
        watchdog_hz: Clock of what ends a hang.
        vectors: Where the processor starts.
        harness: Memory of what measures; no part of the device.
        flash: Memory that the device's flash is cut out of.
        ram: Memory that the device's RAM is cut out of.
        source: Where these facts come from.
    """

    name: str
    system: str
    start: str
    defines: Mapping[str, int]
    counter_hz: int
    counter_carry: CounterCarry
    watchdog_hz: int
    vectors: int
    harness: Region
    flash: Region
    ram: Region
    source: str


@dataclass(frozen=True, slots=True)
class EmulatedCore:
    """A processor core, the machine that runs its code, and how to compile for it.

    Attributes:
        name: For example ``cortex-m4``.
        machine: Runs it.
        compiler: Prefix of the compiler's commands.
        flags: Choose the instruction set.
    """

    name: str
    machine: Machine
    compiler: str
    flags: tuple[str, ...]

    @property
    def is_arm(self) -> bool:
        """Whether it is a Cortex-M; the others are RISC-V."""
        return self.compiler.startswith("arm")


def core_names() -> tuple[str, ...]:
    """Return the cores that can be emulated, sorted."""
    return tuple(sorted(_table()["cores"]))


def load_core(name: str, *, fpu: bool = True) -> EmulatedCore:
    """Return a core by its name.

    Args:
        name: For example ``cortex-m4``.
        fpu: Whether to use an FPU where the core may have one.

    Raises:
        UnknownNameError: It cannot be emulated.
    """
    cores = _table()["cores"]
    if name not in cores:
        raise UnknownNameError("emulated core", name, cores)
    fields = cores[name]
    floats = fields["fpu"] if fpu and "fpu" in fields else fields["no_fpu"]
    return EmulatedCore(
        name=name,
        machine=_machine(fields["machine"]),
        compiler=fields["compiler"],
        flags=(*fields["flags"], *floats),
    )


def core_of(profile: DeviceProfile) -> EmulatedCore:
    """Return the core that a device's code runs on when it is emulated.

    Raises:
        EdgekitError: The device is no microcontroller, or its core cannot be emulated.
    """
    if profile.kind is not DeviceKind.MCU:
        raise EdgekitError(
            f"'{profile.name}' is no microcontroller, so there is no firmware to emulate",
            hint="name a device whose kind is mcu",
        )
    # "Cortex-M4F" is a Cortex-M4 with an FPU, which the profile's features say as well.
    name = re.sub(r"(cortex-m\d+)f$", r"\1", profile.core.value.lower().replace("+", "plus"))
    features = profile.isa_features.value if profile.isa_features else frozenset(IsaFeature)
    try:
        return load_core(name, fpu=IsaFeature.FPU in features)
    except UnknownNameError as error:
        raise EdgekitError(
            f"the core of '{profile.name}', {profile.core.value}, cannot be emulated",
            hint=f"these can: {', '.join(core_names())}",
        ) from error


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


@cache
def _machine(name: str) -> Machine:
    fields = _table()["machines"][name]
    converted = {
        "counter_carry": CounterCarry(fields["counter_carry"]),
        **{key: Region(**fields[key]) for key in ("harness", "flash", "ram")},
    }
    return Machine(name=name, **(fields | converted))
