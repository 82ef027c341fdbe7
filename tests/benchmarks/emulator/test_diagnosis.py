"""Last words of a firmware become the right error, also those that no real run here brings."""

import pytest

from edgekit.benchmarks.emulator import (
    DeviceMemory,
    EmulatorError,
    FirmwareFaultError,
    FirmwareHangError,
    StackOverflowError,
    load_core,
)
from edgekit.benchmarks.emulator.diagnosis import diagnose
from edgekit.benchmarks.emulator.firmware import Firmware
from edgekit.benchmarks.emulator.sizes import FirmwareSizes


@pytest.fixture
def firmware(tmp_path):
    """A firmware that is not there: reports without a pc need no program."""
    return Firmware(
        core=load_core("cortex-m4"),
        folder=tmp_path,
        elf="firmware.elf",
        memory=DeviceMemory(1024, 1024, 512),
        sizes=FirmwareSizes((), 0, 512),
        input_bytes=(1,),
        output_bytes=(1,),
        layers=("conv", "softmax"),
        max_instructions=1000,
    )


@pytest.mark.parametrize(
    ("report", "kind", "told"),
    [
        ({"init": 3}, EmulatorError, "init returned status 3"),
        ({"invoke": 1}, EmulatorError, "invoke returned status 1"),
        ({}, EmulatorError, "said nothing"),
        ({"hang": 0, "layer": 1}, FirmwareHangError, r"1,000 instructions in sample 7, in layer 1"),
        ({"fault": 0, "cfsr": 1 << 25}, FirmwareFaultError, "fault: division by zero"),
        ({"fault": 0, "cfsr": 0x8200}, FirmwareFaultError, "fault: data bus error"),
        ({"fault": 0, "cfsr": 0, "hfsr": 2}, FirmwareFaultError, "no reason in CFSR"),
        ({"fault": 0, "cfsr": 1 << 20}, StackOverflowError, "stack of 512 bytes overflowed"),
        ({"fault": 0, "sp": 0x1FFFFFF0}, StackOverflowError, "stack of 512 bytes overflowed"),
        ({"stack": 512, "done": 0}, StackOverflowError, "stack of 512 bytes overflowed"),
        ({"fault": 0, "mcause": 2}, FirmwareFaultError, "trap: illegal instruction"),
        ({"fault": 0, "mcause": 99}, FirmwareFaultError, "trap: cause 99"),
    ],
)
def test_reports(firmware, report, kind, told):
    error = diagnose(firmware, report, sample=7)
    assert type(error) is kind
    assert EmulatorError in kind.__mro__
    with pytest.raises(kind, match=told):
        raise error


def test_registers_are_kept(firmware):
    error = diagnose(firmware, {"fault": 0, "cfsr": 1 << 16, "lr": 0x10, "layer": 0}, sample=0)
    assert error.registers == {"lr": 0x10, "cfsr": 1 << 16}
    assert "cfsr = 0x00010000" in str(error)
    assert "in layer 0 (conv)" in str(error)
