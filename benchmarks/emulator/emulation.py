"""Runs a firmware under QEMU: samples in, outputs and exact counts out."""

import struct
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgekit.benchmarks.emulator.counting import Moment, count_instructions
from edgekit.benchmarks.emulator.diagnosis import diagnose
from edgekit.benchmarks.emulator.errors import EmulatorError
from edgekit.benchmarks.emulator.firmware import ICOUNT_SHIFT, Firmware
from edgekit.benchmarks.emulator.toolchain import find_tool
from edgekit.progress import Progress, SilentProgress

__all__ = ["Emulation", "emulate"]

_MOMENT = struct.Struct("<II")
_OVERHEAD_BYTES = 6 * _MOMENT.size
# What `harness_nothing` and `harness_known` execute, see edgekit_harness.h.
_NOTHING, _KNOWN = 2, 503
# QEMU manages hundreds of millions a second; the firmware's own watchdog comes long before.
_SLOWEST_PER_SECOND = 10_000_000


@dataclass(frozen=True, slots=True)
class Emulation:
    """What an emulated board answered.

    Attributes:
        outputs: Of each sample, the bytes of each output.
        instructions: Of each sample: executed from the call of the model to its return.
        layer_instructions: Of each sample, of each layer; empty where layers are not counted.
        stack_bytes: The most that a call of the model used.
    """

    outputs: tuple[tuple[bytes, ...], ...]
    instructions: tuple[int, ...]
    layer_instructions: tuple[tuple[int, ...], ...]
    stack_bytes: int


def emulate(
    firmware: Firmware, samples: Sequence[Sequence[bytes]], *, progress: Progress | None = None
) -> Emulation:
    """Run samples one after another, in one go.

    Args:
        firmware: What to run.
        samples: At least one; of each, the bytes of each input.
        progress: Is told how many samples are done.

    Raises:
        EmulatorError: The firmware failed: a fault, a hang, an overflow of its stack, or a status
            other than OK; or QEMU could not run it.
    """
    for index, sample in enumerate(samples):
        if tuple(map(len, sample)) != firmware.input_bytes:
            raise EmulatorError(
                f"sample {index} has inputs of {[len(data) for data in sample]} bytes",
                hint=f"the model takes {list(firmware.input_bytes)}",
            )
    (firmware.folder / "inputs.bin").write_bytes(b"".join(b"".join(sample) for sample in samples))
    _run_qemu(firmware, len(samples), progress or SilentProgress())
    report = _read_report(firmware.folder / "report.txt")
    data = (firmware.folder / "outputs.bin").read_bytes()
    done = _done(firmware, len(data))
    if "done" not in report or report["stack"] >= firmware.memory.stack_bytes:
        raise diagnose(firmware, report, sample=done)
    if done != len(samples):
        raise EmulatorError(f"{len(samples)} samples went in, {done} outputs came back")
    return _decode(firmware, data, report["stack"])


def _run_qemu(firmware: Firmware, count: int, progress: Progress) -> None:
    machine = firmware.core.machine
    image = (
        ["-kernel", firmware.elf]
        if firmware.core.is_arm
        # The kernel of "virt" starts at the first byte of RAM; this one has an entry point.
        else ["-bios", "none", "-device", f"loader,file={firmware.elf},cpu-num=0", "-m", "128M"]
    )
    command = [
        find_tool(machine.system),
        *("-machine", machine.name, *image),
        *("-icount", f"shift={ICOUNT_SHIFT}"),
        *("-semihosting-config", "enable=on,target=native"),
        *("-display", "none", "-monitor", "none", "-serial", "null"),
    ]
    for name in ("report.txt", "outputs.bin"):
        (firmware.folder / name).unlink(missing_ok=True)
    log = firmware.folder / "qemu.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=firmware.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            _wait(process, firmware, count, progress)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0 or not (firmware.folder / "outputs.bin").exists():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise EmulatorError(
            f"{machine.system} ended with status {process.returncode}", details=lines[:30]
        )


def _wait(
    process: "subprocess.Popen[bytes]", firmware: Firmware, count: int, progress: Progress
) -> None:
    """Wait for the end, as long as samples keep coming back."""
    outputs = firmware.folder / "outputs.bin"
    patience = max(60.0, firmware.max_instructions / _SLOWEST_PER_SECOND)
    seen, since = -1, time.monotonic()
    while True:
        try:
            process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            size = outputs.stat().st_size if outputs.exists() else 0
            if size != seen:
                seen, since = size, time.monotonic()
                progress.advance(_done(firmware, size), count)
            elif time.monotonic() - since > patience:
                raise EmulatorError(
                    f"{firmware.core.machine.system} showed no progress for {patience:.0f} s",
                    hint="the machine is overloaded, or QEMU itself hangs",
                ) from None
        else:
            return


def _read_report(path: Path) -> Mapping[str, int]:
    """Return what the firmware said: words, each with its number or 0."""
    words: dict[str, int] = {}
    if path.exists():
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            word, _, number = line.partition(" ")
            words[word] = int(number, 16) if number else 0
    return words


def _head_bytes(firmware: Firmware) -> int:
    marks = len(firmware.layers) + 1 if firmware.layers else 0
    return (2 + marks) * _MOMENT.size


def _record_bytes(firmware: Firmware) -> int:
    return _head_bytes(firmware) + sum(firmware.output_bytes)


def _done(firmware: Firmware, size: int) -> int:
    """Return how many samples are in so many bytes of output."""
    return max(0, size - _OVERHEAD_BYTES) // _record_bytes(firmware)


def _decode(firmware: Firmware, data: bytes, stack_bytes: int) -> Emulation:
    """Read what `harness.c` writes: what measuring costs, then a record for each sample."""
    machine = firmware.core.machine
    cost = _moments(data[:_OVERHEAD_BYTES])
    nothing, _, known, _, mark = count_instructions(machine, ICOUNT_SHIFT, cost)
    if known - nothing != _KNOWN - _NOTHING:
        raise EmulatorError(
            f"a loop of {_KNOWN} instructions was counted as {known - nothing + _NOTHING}",
            hint=f"this {machine.system} counts otherwise than QEMU 7.2; please report its version",
        )
    call = nothing - _NOTHING
    head, size = _head_bytes(firmware), _record_bytes(firmware)
    outputs, instructions, layers = [], [], []
    for start in range(_OVERHEAD_BYTES, len(data), size):
        moments = _moments(data[start : start + head])
        (whole,) = count_instructions(machine, ICOUNT_SHIFT, moments[:2])
        steps = count_instructions(machine, ICOUNT_SHIFT, moments[2:])
        instructions.append(whole - call - mark * len(moments[2:]))
        if firmware.layers:
            layers.append(tuple(step - mark for step in steps))
        outputs.append(tuple(_split(data[start + head : start + size], firmware.output_bytes)))
    return Emulation(tuple(outputs), tuple(instructions), tuple(layers), stack_bytes)


def _moments(data: bytes) -> list[Moment]:
    return [Moment(*pair) for pair in _MOMENT.iter_unpack(data)]


def _split(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
