"""What is printed of an emulation: every figure, layer and byte, and what could not be told."""

import io

from rich.console import Console

from edgekit.benchmarks.emulator import (
    EmulationOptions,
    EmulationResult,
    FirmwareSizes,
    LayerCount,
    Owner,
    SectionSize,
)
from edgekit.cli.emulation_report import show_emulation

RESULT = EmulationResult(
    model="kws",
    model_sha256="00",
    device="raspberry-pi-pico",
    core="cortex-m0plus",
    machine="mps2-an385",
    isa="portable",
    inputs="random, seed 0",
    started_at="2026-01-01T00:00:00+00:00",
    options=EmulationOptions(),
    tools={"qemu-system-arm": "QEMU emulator version 7.2"},
    instructions=(35_142_461, 35_143_174),
    layers=(LayerCount("CONV_2D #1", 3), LayerCount("[red] #2", 1)),
    sizes=FirmwareSizes(
        (
            SectionSize(".text", Owner.MODEL, 6_000),
            SectionSize(".text", Owner.LIBC, 200),
            SectionSize(".bss", Owner.APPLICATION, 16_004),
        ),
        16_000,
        4096,
    ),
    stack_bytes=92,
    outputs_sha256="11",
    correct=None,
    latency=None,
    energy=None,
    gaps=("no latency: the profile is silent",),
)


def test_everything_is_shown():
    stream = io.StringIO()
    show_emulation(Console(file=stream, width=140, markup=False), RESULT)
    shown = stream.getvalue()
    for text in (
        "kws on an emulated raspberry-pi-pico (cortex-m0plus), inputs random, seed 0",
        "35,142,461 to 35,143,174",
        "[red] #2",
        "75.0%",
        "6,200",
        "16,004",
        "portable kernels, -O3; QEMU emulator version 7.2",
        "no latency: the profile is silent",
    ):
        assert text in shown
