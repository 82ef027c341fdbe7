"""The table of cores and machines, and which of them a device profile asks for."""

import dataclasses
from itertools import pairwise

import pytest

from edgekit.benchmarks.emulator import core_names, core_of, load_core
from edgekit.benchmarks.emulator.machine import CounterCarry
from edgekit.device_profiles import Sourced, load_profile
from edgekit.errors import EdgekitError, UnknownNameError


@pytest.mark.parametrize("name", core_names())
def test_the_table_is_complete(name):
    core = load_core(name)
    machine = core.machine
    assert core.name == name
    assert machine.counter_carry in CounterCarry
    assert machine.source
    regions = sorted((machine.harness, machine.flash, machine.ram), key=lambda area: area.origin)
    for low, high in pairwise(regions):
        assert low.origin + low.bytes <= high.origin


def test_the_fpu_is_the_devices():
    assert "-mfloat-abi=hard" in load_core("cortex-m4").flags
    assert "-mfloat-abi=soft" in load_core("cortex-m4", fpu=False).flags
    assert "-mfloat-abi=soft" in load_core("cortex-m3").flags


@pytest.mark.parametrize(
    ("device", "core"),
    [
        ("nucleo-l4r5zi", "cortex-m4"),
        ("arduino-nano-33-ble-sense", "cortex-m4"),
        ("raspberry-pi-pico", "cortex-m0plus"),
    ],
)
def test_the_core_of_a_device(device, core):
    assert core_of(load_profile(device)).name == core


def test_a_phone_has_no_firmware():
    with pytest.raises(EdgekitError, match="'pixel-8' is no microcontroller"):
        core_of(load_profile("pixel-8"))


def test_what_cannot_be_emulated_is_refused():
    board = load_profile("nucleo-l4r5zi")
    other = dataclasses.replace(board, core=Sourced("Xtensa LX7", "a test"))
    with pytest.raises(EdgekitError, match="Xtensa LX7, cannot be emulated") as caught:
        core_of(other)
    assert "cortex-m55" in caught.value.hint
    with pytest.raises(UnknownNameError):
        load_core("cortex-m85")
