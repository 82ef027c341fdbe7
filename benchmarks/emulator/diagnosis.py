"""Tells from the last words of a firmware what went wrong, and where in its code."""

from collections.abc import Mapping

from edgekit.benchmarks.emulator.errors import (
    EmulatorError,
    FirmwareFaultError,
    FirmwareHangError,
    StackOverflowError,
)
from edgekit.benchmarks.emulator.firmware import Firmware
from edgekit.benchmarks.emulator.toolchain import run_tool

__all__ = ["diagnose"]

# Armv8-M Architecture Reference Manual, D1.2: Configurable Fault Status Register.
_CFSR = {
    0: "instruction access violation",
    1: "data access violation",
    4: "memory violation on exception entry",
    8: "instruction bus error",
    9: "data bus error",
    10: "imprecise data bus error",
    12: "bus error on exception entry",
    16: "undefined instruction",
    17: "invalid state",
    18: "invalid PC",
    19: "no coprocessor (FPU or MVE is off)",
    20: "stack overflow",
    24: "unaligned access",
    25: "division by zero",
}
_CFSR_STACK_OVERFLOW = 1 << 20
# RISC-V Privileged Architecture, table of mcause.
_MCAUSE = {
    0: "misaligned instruction",
    1: "instruction access fault",
    2: "illegal instruction",
    4: "misaligned load",
    5: "load access fault",
    6: "misaligned store",
    7: "store access fault",
}
_REGISTERS = ("pc", "lr", "sp", "xpsr", "cfsr", "hfsr", "mmfar", "bfar", "mcause", "mtval")


def diagnose(firmware: Firmware, report: Mapping[str, int], *, sample: int) -> EmulatorError:
    """Return the error that a report speaks of.

    Args:
        firmware: What ran.
        report: The words it wrote, each with its number.
        sample: Index of the one that was running.
    """
    for function in ("init", "invoke"):
        if function in report:
            status = report[function]
            return EmulatorError(f"the model's {function} returned status {status}")
    registers = {name: report[name] for name in _REGISTERS if name in report}
    place = _place(firmware, report, sample)
    if "hang" in report:
        return FirmwareHangError(firmware.max_instructions, place, registers)
    if _is_overflow(firmware, report):
        return StackOverflowError(firmware.memory.stack_bytes, place, registers)
    if "fault" in report:
        return FirmwareFaultError(_reason(report), place, registers)
    return EmulatorError("the firmware stopped and said nothing of why")


def _is_overflow(firmware: Firmware, report: Mapping[str, int]) -> bool:
    bottom = firmware.core.machine.ram.origin
    used_up = report.get("stack", 0) >= firmware.memory.stack_bytes
    below = bottom - 2**20 < report.get("sp", bottom) < bottom
    return used_up or below or bool(report.get("cfsr", 0) & _CFSR_STACK_OVERFLOW)


def _reason(report: Mapping[str, int]) -> str:
    if "mcause" in report:
        cause = report["mcause"]
        return f"trap: {_MCAUSE.get(cause, f'cause {cause}')}"
    reasons = [text for bit, text in _CFSR.items() if report.get("cfsr", 0) >> bit & 1]
    return f"fault: {' and '.join(reasons) or 'no reason in CFSR'}"


def _place(firmware: Firmware, report: Mapping[str, int], sample: int) -> str:
    parts = [f"in sample {sample}"]
    if firmware.layers and "layer" in report:
        index = min(report["layer"], len(firmware.layers) - 1)
        parts.append(f"in layer {index} ({firmware.layers[index]})")
    if "pc" in report:
        parts.append(f"at {_function(firmware, report['pc'])}")
    return ", ".join(parts)


def _function(firmware: Firmware, address: int) -> str:
    """Return the function, file and line of an address."""
    tool = f"{firmware.core.compiler}-addr2line"
    done = run_tool(tool, ["-f", "-s", "-e", firmware.elf, hex(address)], firmware.folder)
    name, _, line = done.stdout.strip().partition("\n")
    return f"{address:#x} in {name} ({line})" if name and name != "??" else f"{address:#x}"
