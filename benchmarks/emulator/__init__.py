"""Emulated microcontrollers: firmware around a generated C library, run and counted under QEMU."""

from edgekit.benchmarks.emulator.board import BoardRun, EmulatedBoard
from edgekit.benchmarks.emulator.emulation import Emulation, emulate
from edgekit.benchmarks.emulator.errors import (
    CompileError,
    EmulatorError,
    FirmwareFaultError,
    FirmwareHangError,
    MemoryOverflowError,
    MissingToolError,
    StackOverflowError,
)
from edgekit.benchmarks.emulator.estimating import Estimates, estimate
from edgekit.benchmarks.emulator.firmware import (
    CSources,
    DeviceMemory,
    Firmware,
    build_firmware,
)
from edgekit.benchmarks.emulator.machine import EmulatedCore, core_names, core_of, load_core
from edgekit.benchmarks.emulator.options import EmulationOptions
from edgekit.benchmarks.emulator.result import EmulationResult, LayerCount
from edgekit.benchmarks.emulator.sizes import FirmwareSizes, Owner, SectionSize

__all__ = [
    "BoardRun",
    "CSources",
    "CompileError",
    "DeviceMemory",
    "EmulatedBoard",
    "EmulatedCore",
    "Emulation",
    "EmulationOptions",
    "EmulationResult",
    "EmulatorError",
    "Estimates",
    "Firmware",
    "FirmwareFaultError",
    "FirmwareHangError",
    "FirmwareSizes",
    "LayerCount",
    "MemoryOverflowError",
    "MissingToolError",
    "Owner",
    "SectionSize",
    "StackOverflowError",
    "build_firmware",
    "core_names",
    "core_of",
    "emulate",
    "estimate",
    "load_core",
]
