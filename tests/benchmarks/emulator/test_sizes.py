"""What a linker's map says of a firmware, on a map written by hand in GNU ld's form."""

import pytest

from edgekit.benchmarks import ResultFormatError
from edgekit.benchmarks.emulator import FirmwareSizes, Owner, SectionSize
from edgekit.benchmarks.emulator.sizes import read_sizes

MAP = """
Discarded input sections

 .text.unused   0x00000000       0x40 kws.o

Linker script and memory map

.vectors        0x00000000       0x40
 *(.vectors)
 .vectors       0x00000000       0x40 harness_machine.o
.harness        0x00001000       0x80
 .text.harness_main
                0x00001000       0x80 harness_main.o
.text           0x00010000       0x66
 .text.kws_invoke
                0x00010000       0x20 kws.o
 *fill*         0x00010020        0x2
 .text.application_invoke
                0x00010022       0x10 application.o
 .text          0x00010034       0x34 /usr/lib/libc_nano.a(libc_a-memcpy.o)
                0x00010034                memcpy
.rodata         0x00010070       0x18
 .rodata.weights
                0x00010070       0x14 kws_weights.o
 .rodata.str1.1 0x00010084        0x4 kws.o
                                  0x9 (size before relaxing)
.stack          0x20000000      0x400
 *fill*         0x20000000      0x400
.data           0x20000400        0x4 load address 0x00010088
 .data.offset   0x20000400        0x4 kws.o
.bss            0x20000410       0x68
 .bss.arena     0x20000410       0x60 application.o
 .bss.model     0x20000470        0x4 application.o
 COMMON         0x20000474        0x4 kws.o
"""


def owner_of(place):
    if place.startswith("kws"):
        return Owner.MODEL
    if place.startswith("application"):
        return Owner.APPLICATION
    return Owner.START if place.startswith("harness_machine") else Owner.LIBC


def read(tmp_path):
    (tmp_path / "firmware.map").write_text(MAP)
    return read_sizes(tmp_path / "firmware.map", owner_of, stack_bytes=0x400)


def test_every_byte_has_an_owner(tmp_path):
    assert read(tmp_path) == FirmwareSizes(
        (
            SectionSize(".vectors", Owner.START, 0x40),
            SectionSize(".text", Owner.MODEL, 0x22),
            SectionSize(".text", Owner.APPLICATION, 0x10),
            SectionSize(".text", Owner.LIBC, 0x34),
            SectionSize(".rodata", Owner.MODEL, 0x18),
            SectionSize(".data", Owner.MODEL, 4),
            SectionSize(".bss", Owner.MODEL, 4),
            SectionSize(".bss", Owner.APPLICATION, 0x64),
        ),
        arena_bytes=0x60,
        stack_bytes=0x400,
    )


def test_flash_and_ram(tmp_path):
    sizes = read(tmp_path)
    assert sizes.flash_bytes == 0x40 + 0x66 + 0x18 + 4
    assert sizes.ram_bytes == 4 + 0x68
    assert sizes.of(".text", ".rodata", owner=Owner.MODEL) == 0x3A


def test_json_keeps_everything(tmp_path):
    sizes = read(tmp_path)
    assert FirmwareSizes.from_json(sizes.to_json()) == sizes
    with pytest.raises(ResultFormatError):
        FirmwareSizes.from_json({"sections": []})
