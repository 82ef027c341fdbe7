"""What a firmware takes of flash and RAM, section by section, read from the linker's map."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError

__all__ = ["FirmwareSizes", "Owner", "SectionSize", "read_sizes"]


class Owner(StrEnum):
    """Whose a part of a firmware is."""

    MODEL = "model"  # the generated library
    APPLICATION = "application"  # the lines around it, and the arena
    START = "start"  # vectors and what runs before main
    LIBC = "libc"  # what the C library and the compiler's library add


# As the linker script names them: what lies in flash, what in RAM.
_FLASH = (".vectors", ".text", ".rodata", ".exidx", ".data")
_RAM = (".data", ".bss")
_ARENA = ".bss.arena"


@dataclass(frozen=True, slots=True)
class SectionSize:
    """The bytes of one owner in one section; padding counts for what precedes it."""

    section: str
    owner: Owner
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FirmwareSizes:
    """What a firmware takes.

    Attributes:
        sections: Of ``.vectors``, ``.text``, ``.rodata``, ``.exidx``, ``.data`` and ``.bss``,
            by owner. What measures is no part of it.
        arena_bytes: Of ``.bss``: the model's arena.
        stack_bytes: What the linker script sets aside.
    """

    sections: tuple[SectionSize, ...]
    arena_bytes: int
    stack_bytes: int

    def of(self, *sections: str, owner: Owner | None = None) -> int:
        """Return the bytes of some sections, of one owner or of all."""
        return sum(
            size.size_bytes
            for size in self.sections
            if size.section in sections and owner in {None, size.owner}
        )

    @property
    def flash_bytes(self) -> int:
        """Flash of the whole firmware: code, constants, weights, and first values of RAM."""
        return self.of(*_FLASH)

    @property
    def ram_bytes(self) -> int:
        """Arena and all other static data, without the stack."""
        return self.of(*_RAM)

    def to_json(self) -> dict[str, Any]:
        """Return the sizes as plain JSON values."""
        return {
            "flash_bytes": self.flash_bytes,
            "ram_bytes": self.ram_bytes,
            "arena_bytes": self.arena_bytes,
            "stack_bytes": self.stack_bytes,
            "sections": [
                {"section": size.section, "owner": str(size.owner), "bytes": size.size_bytes}
                for size in self.sections
            ],
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read sizes back.

        Raises:
            ResultFormatError: A field is missing or of the wrong kind.
        """
        try:
            return cls(
                tuple(
                    SectionSize(item["section"], Owner(item["owner"]), int(item["bytes"]))
                    for item in data["sections"]
                ),
                arena_bytes=int(data["arena_bytes"]),
                stack_bytes=int(data["stack_bytes"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("set of firmware sizes", str(error)) from error


@dataclass(frozen=True, slots=True)
class _Piece:
    """An input section as the map lists it; `place` is its object file, empty for padding."""

    output: str
    name: str
    size_bytes: int
    place: str


_PIECE = re.compile(r"^ (\.\S+|\*fill\*|COMMON) +0x[0-9a-f]+ +0x([0-9a-f]+)(?: +(.*))?$")
_OUTPUT = re.compile(r"^(\.\S+)")


def read_sizes(
    map_file: Path, owner_of: Callable[[str], Owner], *, stack_bytes: int
) -> FirmwareSizes:
    """Read the map that GNU ld wrote.

    Args:
        map_file: Of ``-Wl,-Map``.
        owner_of: Tells from the file name of an object whose it is.
        stack_bytes: What the linker script sets aside.
    """
    totals: dict[tuple[str, Owner], int] = {}
    arena = 0
    last = Owner.START
    for piece in _pieces(map_file.read_text(encoding="utf-8", errors="replace")):
        if piece.output not in {*_FLASH, *_RAM}:
            continue
        last = owner_of(piece.place) if piece.place else last
        key = (piece.output, last)
        totals[key] = totals.get(key, 0) + piece.size_bytes
        arena += piece.size_bytes if piece.name == _ARENA else 0
    return FirmwareSizes(_listed(totals), arena, stack_bytes)


def _listed(totals: Mapping[tuple[str, Owner], int]) -> tuple[SectionSize, ...]:
    order = {section: place for place, section in enumerate((*_FLASH, *_RAM[1:]))}
    keys = sorted(totals, key=lambda key: (order[key[0]], list(Owner).index(key[1])))
    return tuple(SectionSize(*key, totals[key]) for key in keys if totals[key])


def _pieces(text: str) -> Iterator[_Piece]:
    # A long name stands on a line of its own, the figures on the next one.
    body = text.partition("Linker script and memory map")[2]
    body = re.sub(r"^( \.\S+)\n +", r"\1 ", body, flags=re.MULTILINE)
    output = ""
    for line in body.splitlines():
        if heading := _OUTPUT.match(line):
            output = heading[1]
        elif piece := _PIECE.match(line):
            yield _Piece(output, piece[1], int(piece[2], 16), (piece[3] or "").strip())
