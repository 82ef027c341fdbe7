"""What can go wrong between a C library and what it answers on an emulated board."""

from collections.abc import Mapping, Sequence

from edgekit.errors import EdgekitError

__all__ = [
    "CompileError",
    "EmulatorError",
    "FirmwareFaultError",
    "FirmwareHangError",
    "MemoryOverflowError",
    "MissingToolError",
    "StackOverflowError",
]


class EmulatorError(EdgekitError):
    """An emulated board that could not do what was asked."""


class MissingToolError(EmulatorError):
    """A compiler or emulator that is not installed."""

    def __init__(self, tool: str, package: str) -> None:
        super().__init__(
            f"an emulated board needs '{tool}', which is not installed",
            hint=f"on Debian and Ubuntu: apt-get install {package}; generating C needs none of it",
        )
        self.tool = tool
        self.package = package


class CompileError(EmulatorError):
    """A compiler that refused the firmware."""

    def __init__(self, command: str, output: Sequence[str]) -> None:
        super().__init__(f"{command} refused the firmware", details=output[:20])
        self.command = command
        self.output = tuple(output)


class MemoryOverflowError(EmulatorError):
    """A firmware that does not fit the memories of the device: the linker refused it."""

    def __init__(
        self,
        core: str,
        over_bytes: Mapping[str, int],
        sections: Sequence[str],
        *,
        hint: str = "take a smaller model, a smaller stack (--stack-bytes), or a larger device",
    ) -> None:
        regions = " and ".join(f"{name} by {count:,} bytes" for name, count in over_bytes.items())
        super().__init__(
            f"the firmware for {core} does not fit: over {regions}",
            hint=hint,
            details=[f"section '{section}' will not fit" for section in sections],
        )
        self.core = core
        self.over_bytes = dict(over_bytes)
        self.sections = tuple(sections)


class FirmwareFaultError(EmulatorError):
    """A processor exception while the firmware ran, with the fault registers."""

    def __init__(
        self,
        what: str,
        place: str,
        registers: Mapping[str, int],
        *,
        hint: str = "the generated C or the emulated core is at fault: please report it",
    ) -> None:
        lines = [f"{name} = {value:#010x}" for name, value in registers.items()]
        super().__init__(f"{what} {place}", hint=hint, details=lines)
        self.what = what
        self.registers = dict(registers)


class StackOverflowError(FirmwareFaultError):
    """A firmware that needed more stack than it was given."""

    def __init__(self, stack_bytes: int, place: str, registers: Mapping[str, int]) -> None:
        super().__init__(
            f"the stack of {stack_bytes:,} bytes overflowed",
            place,
            registers,
            hint="give more (--stack-bytes)",
        )
        self.stack_bytes = stack_bytes


class FirmwareHangError(FirmwareFaultError):
    """An inference that did not end within its budget of instructions."""

    def __init__(self, max_instructions: int, place: str, registers: Mapping[str, int]) -> None:
        super().__init__(
            f"no end after {max_instructions:,} instructions",
            place,
            registers,
            hint="the firmware hangs, or the model needs more (--max-instructions)",
        )
        self.max_instructions = max_instructions
