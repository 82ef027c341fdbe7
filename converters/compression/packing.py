"""Find the smallest palette of a weight tensor: whose tables, and what is in them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.palette import Palette, PaletteForm
from edgekit.converters.compression.stored_weights import codes_of
from edgekit.converters.finding import CompressionFinding, FindingKind
from edgekit.converters.graph import DataType, Tensor
from edgekit.converters.quantize.value_grids import MOST_SCALES, binary_scales

__all__ = ["packed_weights", "smallest_palette"]

Integers = npt.NDArray[np.int64]

_KINDS = (FindingKind.DISTINCT_VALUES, FindingKind.LOW_BIT)
_CODE_BITS = 8
_MOST_BITS = 7


def packed_weights(findings: Sequence[CompressionFinding], outcome: Outcome) -> tuple[Palette, ...]:
    """Return palettes of the weights that were found to have few values.

    Left out are those that no palette makes smaller than they are in the model.

    Args:
        findings: Of the source.
        outcome: The conversion.
    """
    tensors = {
        tensor.name: tensor
        for finding in findings
        if finding.kind in _KINDS
        for tensor in outcome.constants_from(finding.tensor)
        if tensor.dtype in (DataType.INT8, DataType.INT4)
    }
    found = (smallest_palette(tensor) for tensor in tensors.values())
    return tuple(item for item in found if item is not None)


def smallest_palette(tensor: Tensor) -> Palette | None:
    """Return the smallest palette of an int8 or INT4 constant, None where none is smaller."""
    codes = codes_of(tensor)
    assert codes is not None
    values = codes.astype(np.int64)
    found = [_of_codes(tensor, values, None), _of_scales(tensor, values, None)]
    quantization = tensor.quantization
    if quantization is not None and quantization.is_per_channel:
        found += [make(tensor, values, quantization.axis) for make in (_of_codes, _of_scales)]
    smaller = [item for item in found if item and item.size_bytes < tensor.data_bytes]
    return min(smaller, key=lambda item: item.size_bytes, default=None)


def _rows(values: npt.NDArray[Any], axis: int | None) -> Integers:
    if axis is None:
        return values.reshape(1, -1)
    moved = np.moveaxis(values, axis, 0)
    return moved.reshape(len(moved), -1)


def _of_codes(tensor: Tensor, values: Integers, axis: int | None) -> Palette | None:
    rows = _rows(values, axis)
    found = [np.unique(row, return_inverse=True) for row in rows]
    entries = max(len(codes) for codes, _ in found)
    bits = max((entries - 1).bit_length(), 1)
    if bits > _MOST_BITS:
        return None
    tables = np.array([np.pad(codes, (0, entries - len(codes))) for codes, _ in found])
    numbers = np.array([places.reshape(-1) for _, places in found])
    widths = (_CODE_BITS,) * entries
    return Palette(
        tensor.name, tensor.shape, PaletteForm.CODES, axis, tables, widths, 1, bits, numbers
    )


def _of_scales(tensor: Tensor, values: Integers, axis: int | None) -> Palette | None:
    """Return a palette whose codes are sums of ``±scale``; None where some are not."""
    rows = _rows(values, axis)
    found = [_integer_scales(row) for row in rows]
    if any(item is None for item in found):
        return None
    scales = [item for item in found if item is not None]
    count = max(len(item) for item in scales)
    if count == 0:
        return None
    doubled = np.array([np.pad(item, (0, count - len(item))) for item in scales])
    divisor = 1 if not np.any(doubled % 2) else 2
    tables = doubled // (2 // divisor)
    numbers = _numbers(rows * divisor, tables)
    if numbers is None:
        return None
    widths = tuple(max(int(column.max()).bit_length(), 1) for column in tables.T)
    return Palette(
        tensor.name,
        tensor.shape,
        PaletteForm.SCALES,
        axis,
        tables,
        widths,
        divisor,
        count,
        numbers,
    )


def _integer_scales(row: Integers) -> Integers | None:
    """Return twice the scales of which codes are sums: codes of both parities have halves."""
    codes = np.unique(row)
    if not codes.any():
        return np.zeros(0, np.int64)
    if len(codes) > 2**MOST_SCALES:
        return None
    scales = binary_scales(codes.astype(np.float32))
    if scales is None:
        return None
    doubled = np.round(2 * scales)
    return doubled.astype(np.int64) if np.allclose(doubled, 2 * scales, atol=1e-3) else None


def _numbers(rows: Integers, tables: Integers) -> Integers | None:
    """Return for each code the signs of its sum, as bits; None where a code is no sum."""
    count = tables.shape[1]
    patterns = np.arange(2**count)
    signs = (patterns[:, None] >> np.arange(count) & 1) * 2 - 1
    found = np.zeros_like(rows)
    for row, table, numbers in zip(rows, tables, found, strict=True):
        sums, places = np.unique(signs @ table, return_index=True)
        at = np.clip(np.searchsorted(sums, row), 0, len(sums) - 1)
        if np.any(sums[at] != row):
            return None
        numbers[:] = patterns[places[at]]
    return found
