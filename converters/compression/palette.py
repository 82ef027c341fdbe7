"""Palettes: int8 weights as numbers of few bits and tables of codes, for targets that store those.

A palette stands for the very integers of the final model: `unpacked` returns them. Two members
of a bundle hold palettes. `palettes.json` lists them; `palettes.bin` has for each, from its
offset on, the tables and then, from the next whole byte on, the numbers of the weights. Numbers
follow each other without gaps, the lowest bit first. Weights are in the order of the model's
tensor, but with the axis of the channels moved to the front where each channel has a table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import EdgekitError

__all__ = [
    "DATA_MEMBER",
    "INDEX_MEMBER",
    "Palette",
    "PaletteError",
    "PaletteForm",
    "palette_members",
    "read_palettes",
]

INDEX_MEMBER, DATA_MEMBER = "palettes.json", "palettes.bin"
_VERSION = 1


class PaletteError(EdgekitError):
    """Members of a bundle that are no palettes of this version."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the palettes cannot be read: {why}", hint="build the bundle again with this edgekit"
        )


class PaletteForm(StrEnum):
    """What a table holds."""

    CODES = "codes"  # signed; a weight's number is the place of its code
    SCALES = "scales"  # unsigned; bit i of a weight's number says + or - for scale i


@dataclass(frozen=True, slots=True)
class Palette:
    """A weight tensor of the final model.

    Attributes:
        name: Of the tensor.
        shape: Of the tensor.
        form: What a table holds.
        axis: Of the channels, each with a table of its own; None for one table.
        tables: ``[tables, entries]``, int64.
        entry_bits: What each entry of a table takes.
        divisor: By which sums of scales are divided, 1 or 2.
        bits: Of a weight's number.
        numbers: One for each weight, ``[tables, weights]``, int64.
    """

    name: str
    shape: tuple[int, ...]
    form: PaletteForm
    axis: int | None
    tables: npt.NDArray[np.int64] = field(repr=False)
    entry_bits: tuple[int, ...]
    divisor: int
    bits: int
    numbers: npt.NDArray[np.int64] = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """Of the tables and numbers."""
        tables = len(self.tables) * sum(self.entry_bits)
        return -(-tables // 8) + -(-self.numbers.size * self.bits // 8)

    def unpacked(self) -> npt.NDArray[np.int8]:
        """Return the integers of the final model."""
        if self.form is PaletteForm.CODES:
            values = np.take_along_axis(self.tables, self.numbers, axis=1)
        else:
            places = np.arange(self.tables.shape[1])
            signs = (self.numbers[:, :, None] >> places & 1) * 2 - 1
            values = np.einsum("twi,ti->tw", signs, self.tables) // self.divisor
        if self.axis is None:
            return values.reshape(self.shape).astype(np.int8)
        others = tuple(size for place, size in enumerate(self.shape) if place != self.axis)
        moved = values.reshape(self.shape[self.axis], *others)
        return np.moveaxis(moved, 0, self.axis).astype(np.int8)


def palette_members(palettes: Sequence[Palette]) -> dict[str, bytes]:
    """Return the members of a bundle that hold palettes; none for no palette."""
    if not palettes:
        return {}
    entries, data = [], b""
    for item in palettes:
        entry = {key: value for key, value in asdict(item).items() if key != "numbers"}
        entry.update(tables=len(item.tables), offset=len(data), size_bytes=item.size_bytes)
        entries.append(entry)
        data += _packed_tables(item) + _packed(item.numbers.reshape(-1), item.bits)
    index = {"schema_version": _VERSION, "palettes": entries}
    return {
        INDEX_MEMBER: (json.dumps(index, indent=1, sort_keys=True) + "\n").encode(),
        DATA_MEMBER: data,
    }


def read_palettes(index: bytes, data: bytes) -> dict[str, Palette]:
    """Return the palettes of a bundle, by the tensor of its model.

    Args:
        index: The member `palettes.json`.
        data: The member `palettes.bin`.

    Raises:
        PaletteError: They are damaged, or of another version.
    """
    try:
        listed = json.loads(index)
        if listed["schema_version"] != _VERSION:
            raise PaletteError(f"version {listed['schema_version']}, expected {_VERSION}")
        found = [_read(entry, data) for entry in listed["palettes"]]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise PaletteError(f"{type(error).__name__}: {error}") from error
    return {item.name: item for item in found}


def _read(entry: Mapping[str, Any], data: bytes) -> Palette:
    widths = tuple(entry["entry_bits"])
    form, count = PaletteForm(entry["form"]), int(entry["tables"])
    start = int(entry["offset"])
    middle = start + -(-count * sum(widths) // 8)
    bits, weights = int(entry["bits"]), int(np.prod(entry["shape"]))
    end = middle + -(-weights * bits // 8)
    if end > len(data) or min(start, count, bits) < 0:
        raise PaletteError(f"'{entry['name']}' reaches beyond {DATA_MEMBER}")
    table_bits = np.unpackbits(np.frombuffer(data[start:middle], np.uint8), bitorder="little")
    tables = np.zeros((count, len(widths)), np.int64)
    rows = table_bits[: count * sum(widths)].reshape(count, sum(widths)).astype(np.int64)
    for place, (width, before) in enumerate(zip(widths, _starts(widths), strict=True)):
        tables[:, place] = rows[:, before : before + width] @ (1 << np.arange(width))
    if form is PaletteForm.CODES:
        tables = (tables ^ 128) - 128
    number_bits = np.unpackbits(np.frombuffer(data[middle:end], np.uint8), bitorder="little")
    numbers = number_bits[: weights * bits].reshape(weights, bits).astype(np.int64)
    return Palette(
        name=str(entry["name"]),
        shape=tuple(entry["shape"]),
        form=form,
        axis=entry["axis"],
        tables=tables,
        entry_bits=widths,
        divisor=int(entry["divisor"]),
        bits=bits,
        numbers=(numbers @ (1 << np.arange(bits))).reshape(count, -1),
    )


def _starts(widths: Sequence[int]) -> list[int]:
    return [sum(widths[:place]) for place in range(len(widths))]


def _packed_tables(item: Palette) -> bytes:
    parts = [_bits_of(item.tables[:, place], width) for place, width in enumerate(item.entry_bits)]
    bits = np.concatenate(parts, axis=1).reshape(-1)
    return np.packbits(bits, bitorder="little").tobytes()


def _packed(numbers: npt.NDArray[np.int64], bits: int) -> bytes:
    return np.packbits(_bits_of(numbers, bits).reshape(-1), bitorder="little").tobytes()


def _bits_of(numbers: npt.NDArray[np.int64], bits: int) -> npt.NDArray[np.uint8]:
    """Return the lowest bits of numbers, one row each, the lowest first."""
    return (numbers[:, None] >> np.arange(bits) & 1).astype(np.uint8)
