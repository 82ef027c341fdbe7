"""The nouns of a device: what kind it is, and its facts, each beside its source."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from edgekit.device_profiles.runtime_support import RuntimeSupport
from edgekit.device_profiles.sourced import Coefficient, Sourced

__all__ = ["DeviceKind", "DeviceProfile", "IsaFeature"]


class DeviceKind(StrEnum):
    """What sort of device it is, which decides where a model lives on it."""

    PHONE = "phone"  # an app loads the model into main memory
    LINUX = "linux"  # a process loads the model into main memory
    MCU = "mcu"  # the model stays in flash, the arena is in SRAM


class IsaFeature(StrEnum):
    """A part of an instruction set that kernels are written for."""

    DSP = "dsp"  # Cortex-M: SIMD on halves and bytes of a 32-bit register (Armv7E-M)
    FPU = "fpu"  # floating point in hardware
    MVE = "mve"  # Cortex-M: vectors of 128 bits (Helium)
    NEON = "neon"  # Cortex-A: vectors of 128 bits (Advanced SIMD)
    DOTPROD = "dotprod"  # Cortex-A: SDOT/UDOT, four products of bytes to a lane
    I8MM = "i8mm"  # Cortex-A: products of matrices of bytes


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """One device at one clock and voltage, with one runtime and kernel library.

    Attributes:
        name: Name of the file it was read from, without ``.toml``.
        title: What people call it.
        kind: Phone, Linux board or microcontroller.
        path: The file it was read from.
        runtime: What executes the model on it, and what that can execute.
        kernel_library: Where the runtime's kernels come from, for example ``cmsis-nn``.
        os: The operating system that the profile is about.
        soc: The chip.
        core: The processor core that runs the model.
        core_count: Number of cores, of all kinds together.
        clock_hz: Clock of ``core``.
        voltage_v: Supply voltage of the chip.
        ram_bytes: SRAM of a microcontroller, main memory of the others.
        flash_bytes: Flash a program and its model are stored in.
        isa_features: What kernels may make use of.
        active_power_mw: Mean power while a model runs.
        cycles_per_instruction: Of kernels of integer networks on ``core``, with the memories as
            they are at ``clock_hz``.
    """

    name: str
    title: str
    kind: DeviceKind
    path: Path
    runtime: RuntimeSupport
    kernel_library: str | None
    os: str | None
    soc: Sourced[str]
    core: Sourced[str]
    clock_hz: Sourced[int]
    core_count: Sourced[int] | None = None
    voltage_v: Sourced[float] | None = None
    ram_bytes: Sourced[int] | None = None
    flash_bytes: Sourced[int] | None = None
    isa_features: Sourced[frozenset[IsaFeature]] | None = None
    active_power_mw: Sourced[float] | None = None
    cycles_per_instruction: Sourced[Coefficient] | None = None

    def figures(self) -> dict[str, Sourced[Any]]:
        """Return the facts that are known, by field name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Sourced)}

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON values."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": str(self.kind),
            "runtime": self.runtime.name,
            "kernel_library": self.kernel_library,
            "os": self.os,
            "figures": {
                name: {
                    "value": _plain(figure.value),
                    "source": figure.source,
                    "verified": figure.verified,
                }
                for name, figure in self.figures().items()
            },
        }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return asdict(value) if isinstance(value, Coefficient) else value
