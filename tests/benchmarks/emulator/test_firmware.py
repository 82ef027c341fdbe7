"""Building: what fits, what does not, and what the parts of a firmware take."""

import dataclasses
import re

import pytest

from edgekit.benchmarks.emulator import (
    CompileError,
    DeviceMemory,
    EmulatorError,
    MemoryOverflowError,
    Owner,
    build_firmware,
    core_names,
)
from edgekit.benchmarks.emulator.toolchain import run_tool

MEMORY = DeviceMemory(flash_bytes=65_536, ram_bytes=16_384, stack_bytes=1024)
every_core = pytest.mark.parametrize("core", core_names(), indirect=True)
one_core = pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)


def sections(firmware):
    """Return size and type of each output section, as binutils reads them from the program."""
    tool = f"{firmware.core.compiler}-size"
    lines = run_tool(tool, ["-A", firmware.elf], firmware.folder).stdout.splitlines()
    found = (re.match(r"(\.\w+) +(\d+) +\d+$", line) for line in lines)
    return {match[1]: int(match[2]) for match in found if match}


@every_core
def test_sizes_are_those_of_the_program(core, dense, tmp_path):
    firmware = build_firmware(dense(), core, MEMORY, tmp_path)
    sizes, real = firmware.sizes, sections(firmware)
    flash = (".vectors", ".text", ".rodata", ".exidx", ".data")
    assert sizes.flash_bytes == pytest.approx(sum(real.get(name, 0) for name in flash), abs=16)
    assert sizes.ram_bytes == pytest.approx(real[".data"] + real[".bss"], abs=16)
    assert (sizes.arena_bytes, sizes.stack_bytes) == (48, 1024)
    assert sizes.of(".rodata", owner=Owner.MODEL) == 128  # the weights
    assert sizes.of(".data", owner=Owner.MODEL) == 4
    assert sizes.of(".bss", owner=Owner.APPLICATION) == 48 + 4
    assert sizes.of(".text", owner=Owner.START) > 0


@every_core
def test_what_does_not_fit_does_not_link(core, dense, tmp_path):
    sources = dense(arena_bytes=20_000)
    with pytest.raises(MemoryOverflowError) as caught:
        build_firmware(sources, core, MEMORY, tmp_path)
    # 20,000 of arena, 4 for its address, 8 of the model's own, 1,024 of stack.
    assert caught.value.over_bytes["RAM"] == pytest.approx(20_000 + 12 + 1024 - 16_384, abs=16)
    assert ".bss" in caught.value.sections
    assert "over RAM by 4,6" in str(caught.value)


@one_core
def test_flash_is_enforced_too(core, dense, tmp_path):
    small = dataclasses.replace(MEMORY, flash_bytes=256)
    with pytest.raises(MemoryOverflowError) as caught:
        build_firmware(dense(), core, small, tmp_path)
    assert set(caught.value.over_bytes) == {"FLASH"}


@one_core
def test_broken_c_is_an_error_with_the_compilers_words(core, dense, tmp_path):
    with pytest.raises(CompileError) as caught:
        build_firmware(dense("this is no C;"), core, MEMORY, tmp_path)
    assert "dense.c" in "".join(caught.value.output)


@one_core
def test_files_in_folders_are_refused(core, dense, tmp_path):
    sources = dataclasses.replace(dense(), files={"sub/dense.c": ""})
    with pytest.raises(EmulatorError, match="lie in one folder"):
        build_firmware(sources, core, MEMORY, tmp_path)


@one_core
def test_layers_cost_nothing_where_they_are_not_counted(core, dense, tmp_path):
    firmware = build_firmware(dense(), core, MEMORY, tmp_path)
    assert firmware.layers == ()


@one_core
def test_a_device_larger_than_the_emulated_board_may_still_fit(core, dense, tmp_path):
    large = dataclasses.replace(MEMORY, ram_bytes=16 << 20)
    with pytest.raises(MemoryOverflowError) as caught:
        build_firmware(dense(arena_bytes=5 << 20), core, large, tmp_path)
    assert "the emulated mps2-an386 has" in caught.value.hint
