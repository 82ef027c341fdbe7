"""Recognise weights of few values: palettes, ternary and binary, binary codes, low-bit grids."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.weights import Examined, Weight
from edgekit.converters.quantize.value_grids import (
    MOST_SCALES,
    binary_scales,
    distinct,
    shares_values,
    uniform_step,
)

__all__ = ["FewValues", "Form", "declared", "few_values"]

_MOST_VALUES = 128
"""With more, their numbers take eight bits as int8 does, and nothing is left to keep."""

_LEAST_USES = 4
"""Weights for each value of a tensor, on average: those of a tensor that nobody compressed are all
different, and repeat by chance only where float16 held them and there are thousands."""

_LEAST_USES_IN_CHANNEL = 2
"""The same for a channel, where chance would have to hit every channel."""

_LOW_BIT_LEVELS = 16
_LEAST_CHANCES = 4
"""Values beside the first of a channel that could have missed a grid and did not: each of random
ones hits a grid of 16 levels with a probability below 1e-3."""


class Form(StrEnum):
    """What the few values are to each other."""

    BINARY = "binary"  # {-a, a}
    TERNARY = "ternary"  # {-a, 0, a}, or {0, a}: also a constant times a mask
    UNIFORM = "uniform"  # multiples of one step that two to four bits can count
    BINARY_CODES = "binary codes"  # sums of +-scales, as binary-coding quantization makes them
    PALETTE = "palette"  # any


@dataclass(frozen=True, slots=True)
class FewValues:
    """How a tensor has few values.

    Attributes:
        form: What they are to each other, in every channel.
        per_channel: Whether each output channel has its own; else the tensor has them.
        values: How many; of the channel that has most where each has its own.
        bits: That number them: of the multiples for UNIFORM, the scales for BINARY_CODES.
    """

    form: Form
    per_channel: bool
    values: int
    bits: int

    @property
    def owner(self) -> str:
        """Whose they are, in words."""
        return "each channel" if self.per_channel else "the tensor"


def few_values(weight: Weight) -> FewValues | None:
    """Return how a weight tensor has few values, None where it has many.

    Each output channel may have its own values, or all those of the tensor. A channel of zeros
    has no say; a tensor with a single value is nobody's compression.
    """
    flat = np.asarray(weight.values, np.float32).reshape(-1)
    rows = [row for row in np.asarray(weight.rows, np.float32) if row.any()]
    own = _few_of_channels(rows)
    if _is_few(flat, _LEAST_USES):
        values = distinct(flat)
        if own is None or shares_values(len(values), max(map(len, own))):
            return _named([values], per_channel=False) if len(values) > 1 else None
    if own is None:
        return _low_bit_channels(rows)
    return _named(own, per_channel=True) if max(map(len, own)) > 1 else None


def _low_bit_channels(rows: list[npt.NDArray[np.float32]]) -> FewValues | None:
    """Return the grids of channels that are too short to use their values several times."""
    most = 0
    for row in rows:
        levels = _levels(row)
        if levels is None or levels > _LOW_BIT_LEVELS:
            return None  # the first channel of a tensor that nobody compressed
        most = max(most, levels)
    if sum(len(distinct(np.abs(row[row != 0]))) - 1 for row in rows) < _LEAST_CHANCES:
        return None
    count = max(len(distinct(row)) for row in rows)
    return FewValues(Form.UNIFORM, values=count, bits=(most - 1).bit_length(), per_channel=True)


def declared(examined: Examined, weight: Weight) -> dict[str, str]:
    """Return what the tool that compressed a weight tensor says of it, as a figure."""
    said = examined.source.declared.get(weight.name)
    return {"declared": said} if said else {}


def _few_of_channels(rows: list[npt.NDArray[np.float32]]) -> list[npt.NDArray[np.float64]] | None:
    """Return the values of each channel where all have few."""
    if rows and all(_is_few(row, _LEAST_USES_IN_CHANNEL) for row in rows):
        return [distinct(row) for row in rows]
    return None


def _is_few(values: npt.NDArray[np.float32], uses: int) -> bool:
    # Zeros are pruning's: they say nothing of how few the others are.
    most: int = min(_MOST_VALUES, int(np.count_nonzero(values)) // uses)
    sample = values[: 4 * _MOST_VALUES]
    return len(distinct(sample)) <= most and len(distinct(values)) <= most


def _named(found: list[npt.NDArray[np.float64]], *, per_channel: bool) -> FewValues:
    """Return the narrowest form that all of these sets of values have."""
    count = max(map(len, found))
    palettes = [values.astype(np.float32) for values in found]
    if all(len(distinct(np.abs(item[item != 0]))) == 1 for item in palettes):
        zero = any(0.0 in item for item in palettes)
        form = Form.TERNARY if zero else Form.BINARY
        return FewValues(form, per_channel, count, (count - 1).bit_length())
    levels = [_levels(item) for item in palettes]
    if all(level is not None and level <= _LOW_BIT_LEVELS for level in levels):
        most = max(level for level in levels if level is not None)
        return FewValues(Form.UNIFORM, per_channel, count, (most - 1).bit_length())
    bits = (count - 1).bit_length()
    scales = [binary_scales(item, bits) if bits <= MOST_SCALES else None for item in palettes]
    if all(item is not None for item in scales):
        return FewValues(Form.BINARY_CODES, per_channel, count, bits)
    return FewValues(Form.PALETTE, per_channel, count, bits)


def _levels(values: npt.NDArray[np.float32]) -> int | None:
    """Return how many multiples of their step lie between values and zero, None without step."""
    step = uniform_step(values, _LOW_BIT_LEVELS - 1)
    if step is None:
        return None
    least, most = float(values.min()), float(values.max())
    return round(max(most, 0.0) / step) - round(min(least, 0.0) / step) + 1
