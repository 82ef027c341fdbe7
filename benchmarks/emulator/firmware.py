"""Builds a firmware around a generated C library, within the memories of a device."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Protocol

from edgekit.benchmarks.emulator.errors import CompileError, EmulatorError, MemoryOverflowError
from edgekit.benchmarks.emulator.machine import EmulatedCore
from edgekit.benchmarks.emulator.sizes import FirmwareSizes, Owner, read_sizes
from edgekit.benchmarks.emulator.toolchain import require_tools, run_tool

__all__ = ["CSources", "CTensorLike", "DeviceMemory", "Firmware", "build_firmware"]

# How long an instruction takes in virtual time: 2^7 ns, so that the counters of every machine
# tick more than twice in it, and rounding gives the exact number.
ICOUNT_SHIFT = 7

_PARTS = Path(__file__).with_name("firmware")
_STRICT = ("-std=c99", "-Wall", "-Wextra")
# What measures must not turn its loops into calls of the library that is counted as the model's.
_PLAIN = ("-std=gnu99", "-fno-builtin", "-fno-tree-loop-distribute-patterns", "-Os")
_SPLIT = ("-g", "-ffunction-sections", "-fdata-sections")
_UINT32_MAX = 2**32 - 1


class CTensorLike(Protocol):
    """An input or output of a C library."""

    @property
    def size_bytes(self) -> int:
        """How many bytes it has."""
        ...


class CSources(Protocol):
    """A C library with the interface that `edgekit.converters.c` generates."""

    @property
    def name(self) -> str:
        """Prefix of its functions and name of its header."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Text of each file by its name."""
        ...

    @property
    def inputs(self) -> Sequence[CTensorLike]:
        """Its inputs, in order."""
        ...

    @property
    def outputs(self) -> Sequence[CTensorLike]:
        """Its outputs, in order."""
        ...

    @property
    def layers(self) -> Sequence[str]:
        """Names of its layers, in the order they run."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """The memories that a firmware has to fit.

    Attributes:
        flash_bytes: Of the device; what the emulated machine has where that is less.
        ram_bytes: Of the device; what the emulated machine has where that is less.
        stack_bytes: Set aside of the RAM for the stack.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bytes: int = 4096


@dataclass(frozen=True, slots=True)
class Firmware:
    """A firmware that is built and ready to run.

    Attributes:
        core: It is built for this one.
        folder: Holds it; it runs there.
        elf: Name of the program in ``folder``.
        memory: The memories it was linked into.
        sizes: What it takes of them.
        input_bytes: Size of each input.
        output_bytes: Size of each output.
        layers: Names of the layers that it counts; empty where it counts whole inferences only.
        max_instructions: An inference that takes more counts as a hang.
    """

    core: EmulatedCore
    folder: Path
    elf: str
    memory: DeviceMemory
    sizes: FirmwareSizes
    input_bytes: tuple[int, ...]
    output_bytes: tuple[int, ...]
    layers: tuple[str, ...]
    max_instructions: int


def build_firmware(
    sources: CSources,
    core: EmulatedCore,
    memory: DeviceMemory,
    folder: Path,
    *,
    counts_layers: bool = False,
    optimisation: str = "-O3",
    max_instructions: int = 2_000_000_000,
) -> Firmware:
    """Compile and link a library with what runs it.

    Args:
        sources: The library.
        core: What to build for.
        memory: What it has to fit.
        folder: Written to; must exist.
        counts_layers: Whether the library calls the hook between its layers.
        optimisation: Option of the compiler for the library.
        max_instructions: An inference that takes more counts as a hang.

    Raises:
        MissingToolError: A compiler or the emulator is not installed.
        CompileError: The compiler refused a file.
        MemoryOverflowError: It does not fit; says by how many bytes.
    """
    require_tools(core)
    layers = tuple(sources.layers) if counts_layers else ()
    for name, text in sources.files.items():
        if "/" in name:
            raise EmulatorError(f"'{name}': the files of a C library lie in one folder")
        (folder / name).write_text(text, encoding="utf-8")
    _write_parts(sources, core, memory, folder, len(layers))
    model = [name for name in sources.files if name.endswith(".c")]
    split = (*core.flags, *_SPLIT, "-I.", f"-I{_PARTS}")
    harness = ["edgekit_harness.c", core.machine.start, "edgekit_harness_configuration.c"]
    harness_flags = _harness_flags(sources.name, core, max_instructions)
    objects = [
        *_compile(core, (*split, *_PLAIN), ["edgekit_application.c", "edgekit_start.c"], folder),
        *_compile(core, (*split, *_STRICT, optimisation), model, folder),
        *_compile(core, (*split, *harness_flags), harness, folder),
    ]
    _link(core, memory, objects, folder)
    return Firmware(
        core=core,
        folder=folder,
        elf="firmware.elf",
        memory=memory,
        sizes=read_sizes(
            folder / "firmware.map",
            _Owners(frozenset(Path(name).stem for name in model)),
            stack_bytes=memory.stack_bytes,
        ),
        input_bytes=tuple(tensor.size_bytes for tensor in sources.inputs),
        output_bytes=tuple(tensor.size_bytes for tensor in sources.outputs),
        layers=layers,
        max_instructions=max_instructions,
    )


@dataclass(frozen=True, slots=True)
class _Owners:
    """Tells whose an object file is."""

    model: frozenset[str]

    def __call__(self, place: str) -> Owner:
        stem = Path(place).stem
        if stem in self.model:
            return Owner.MODEL
        if stem == "edgekit_application":
            return Owner.APPLICATION
        return Owner.START if stem.startswith("edgekit_") else Owner.LIBC


def _write_parts(
    sources: CSources, core: EmulatedCore, memory: DeviceMemory, folder: Path, layer_count: int
) -> None:
    machine = core.machine
    values: dict[str, object] = {
        "name": sources.name,
        "prefix": sources.name.upper(),
        "input_count": len(sources.inputs),
        "output_count": len(sources.outputs),
        "layer_count": layer_count,
        "input_bytes": ", ".join(f"{tensor.size_bytes}u" for tensor in sources.inputs),
        "output_bytes": ", ".join(f"{tensor.size_bytes}u" for tensor in sources.outputs),
        "vectors_origin": machine.vectors,
        "harness_origin": machine.harness.origin,
        "harness_bytes": machine.harness.bytes,
        "flash_origin": machine.flash.origin,
        "flash_bytes": min(memory.flash_bytes, machine.flash.bytes),
        "ram_origin": machine.ram.origin,
        "ram_bytes": min(memory.ram_bytes, machine.ram.bytes),
        "stack_bytes": memory.stack_bytes,
        "global_pointer": "" if core.is_arm else "__global_pointer$ = . + 0x800;",
    }
    for name in ("edgekit_application.c", "edgekit_harness_configuration.c", "link.ld"):
        template = Template((_PARTS / f"{name}.in").read_text(encoding="utf-8"))
        (folder / name).write_text(template.substitute(values), encoding="utf-8")


def _harness_flags(name: str, core: EmulatedCore, max_instructions: int) -> tuple[str, ...]:
    """Return the options for what measures: addresses, and how long an inference may take."""
    ticks = (max_instructions << ICOUNT_SHIFT) * core.machine.watchdog_hz // 10**9 + 1
    rounds = -(-ticks // _UINT32_MAX)
    limits = {
        "HARNESS_TIMER_TICKS": f"{ticks}ull",
        "HARNESS_WATCHDOG_LOAD": f"{ticks // rounds}u",
        "HARNESS_WATCHDOG_ROUNDS": f"{rounds - 1}u",
        "harness_on_layer": f"{name}_on_layer",
    }
    addresses = {key: f"{value:#x}u" for key, value in core.machine.defines.items()}
    defines = [f"-D{key}={value}" for key, value in (limits | addresses).items()]
    # The control registers are an extension that the compiler wants to be named.
    march = [flag + "_zicsr" for flag in core.flags if flag.startswith("-march=")]
    return (*_PLAIN, *march, *defines)


def _compile(
    core: EmulatedCore, flags: Sequence[str], files: Sequence[str], folder: Path
) -> list[str]:
    """Compile C files of the folder, or else of ours, and return the names of the objects."""
    command = f"{core.compiler}-gcc"
    paths = [name if (folder / name).exists() else str(_PARTS / name) for name in files]
    done = run_tool(command, [*flags, "-c", *paths], folder)
    if done.returncode != 0:
        raise CompileError(command, done.stderr.splitlines())
    return [f"{Path(name).stem}.o" for name in files]


_OVER = re.compile(r"region [`'](\w+)' overflowed by (\d+) bytes")
_WILL_NOT_FIT = re.compile(r"section [`'](\.\w+)' will not fit")


def _link(core: EmulatedCore, memory: DeviceMemory, objects: Sequence[str], folder: Path) -> None:
    command = f"{core.compiler}-gcc"
    options = ["-nostartfiles", "-Wl,--gc-sections,-Map=firmware.map", "-Tlink.ld"]
    libc = ["--specs=nano.specs"] if core.is_arm else []
    arguments = [*core.flags, *options, *libc, *objects, "-o", "firmware.elf"]
    done = run_tool(command, arguments, folder)
    if done.returncode == 0:
        return
    over = {region: int(count) for region, count in _OVER.findall(done.stderr)}
    if over:
        sections = dict.fromkeys(_WILL_NOT_FIT.findall(done.stderr))
        machine = core.machine
        if memory.flash_bytes > machine.flash.bytes or memory.ram_bytes > machine.ram.bytes:
            hint = (
                f"the emulated {machine.name} has {machine.flash.bytes:,} bytes for flash and "
                f"{machine.ram.bytes:,} for RAM, less than the device; it may fit there"
            )
            raise MemoryOverflowError(core.name, over, list(sections), hint=hint)
        raise MemoryOverflowError(core.name, over, list(sections))
    raise CompileError(command, done.stderr.splitlines())
