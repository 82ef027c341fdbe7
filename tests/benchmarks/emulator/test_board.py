"""A device as it is emulated: its core, its memories, and a library run on it."""

import dataclasses
from enum import StrEnum

import pytest

from edgekit.benchmarks.emulator import (
    EmulatedBoard,
    EmulationOptions,
    FirmwareFaultError,
    MemoryOverflowError,
    load_core,
)
from edgekit.device_profiles import Sourced, device_names, load_profile
from edgekit.errors import EdgekitError
from edgekit.progress import EmulationStage, SilentProgress

BOARD = load_profile("nucleo-l4r5zi")


class Told(SilentProgress):
    """Remembers the stages."""

    def __init__(self) -> None:
        self.stages: list[StrEnum] = []

    def stage(self, stage: StrEnum) -> None:
        self.stages.append(stage)


def test_every_microcontroller_that_comes_with_edgekit_can_be_emulated():
    boards = [load_profile(name) for name in device_names()]
    cores = {EmulatedBoard(board).core.name for board in boards if board.kind == "mcu"}
    assert cores == {
        "cortex-m0plus",
        "cortex-m3",
        "cortex-m33",
        "cortex-m4",
        "cortex-m55",
        "cortex-m7",
        "rv32imc",
    }


def test_memories_are_the_profiles_or_the_machines():
    memory = EmulatedBoard(BOARD, EmulationOptions(stack_bytes=1024)).memory
    assert (memory.flash_bytes, memory.ram_bytes, memory.stack_bytes) == (2 << 20, 640 << 10, 1024)
    unknown = EmulatedBoard(dataclasses.replace(BOARD, ram_bytes=None)).memory
    assert unknown.ram_bytes == load_core("cortex-m4").machine.ram.bytes


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_a_run(core, dense, dense_samples, dense_expected):
    samples, told = dense_samples(5), Told()
    board = EmulatedBoard(BOARD, EmulationOptions("-Os", 1024))
    run = board.run(dense(), samples, hooked=dense(counts_layers=True), progress=told)
    assert list(run.emulation.outputs) == [dense_expected(sample) for sample in samples]
    assert [layer.name for layer in run.layers] == ["fully_connected", "abs"]
    counted = sum(layer.instructions for layer in run.layers)
    assert counted == pytest.approx(run.emulation.instructions[0], rel=0.1)
    assert set(run.tools) == {"arm-none-eabi-gcc", "qemu-system-arm"}
    assert all(run.tools.values())
    assert run.sizes.stack_bytes == 1024
    assert told.stages == [EmulationStage.BUILD, EmulationStage.LAYERS, EmulationStage.RUN]


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_a_fault_tells_its_layer(core, dense, dense_samples):
    fault = "*(volatile int *)0xE0200000 = 1;"
    hooked = dense(fault, counts_layers=True)
    with pytest.raises(FirmwareFaultError, match=r"in layer 1 \(abs\)"):
        EmulatedBoard(BOARD).run(dense(fault), dense_samples(1), hooked=hooked)


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_a_device_that_is_too_small_does_not_link(core, dense, dense_samples):
    small = dataclasses.replace(BOARD, ram_bytes=Sourced(4096, "a test"))
    with pytest.raises(MemoryOverflowError, match="over RAM by"):
        EmulatedBoard(small).run(dense(), dense_samples(1))


def test_a_phone_is_refused():
    with pytest.raises(EdgekitError, match="no microcontroller"):
        EmulatedBoard(load_profile("pixel-8"))
