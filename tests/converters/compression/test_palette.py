"""Palettes stand for the very integers, in fewer bytes, through the members of a bundle."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.compression.packing import smallest_palette
from edgekit.converters.compression.palette import (
    DATA_MEMBER,
    INDEX_MEMBER,
    PaletteError,
    PaletteForm,
    palette_members,
    read_palettes,
)
from edgekit.converters.graph import DataType, Quantization, Tensor

RANDOM = np.random.default_rng(2)


def tensor(codes, axis=None, name="w"):
    count = 1 if axis is None else codes.shape[axis]
    grid = Quantization((0.1,) * count, (0,) * count, axis or 0)
    data = codes.astype(np.int8).tobytes()
    return Tensor(0, name, codes.shape, DataType.INT8, grid, data)


def through_a_bundle(palette):
    members = palette_members([palette])
    return read_palettes(members[INDEX_MEMBER], members[DATA_MEMBER])[palette.name]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 60),
    st.sampled_from([(40, 60), (8, 3, 3, 40), (1, 3, 3, 64)]),
    st.sampled_from([None, 0, 3]),
    st.integers(0, 9),
)
def test_codes_come_back(count, shape, axis, seed):
    generator = np.random.default_rng(seed)
    codes = generator.integers(-128, 128, count)[generator.integers(0, count, shape)]
    axis = None if axis is not None and axis >= len(shape) else axis
    found = smallest_palette(tensor(codes, axis))
    if found is None:
        return
    again = through_a_bundle(found)
    assert again.unpacked().dtype == np.int8
    np.testing.assert_array_equal(again.unpacked(), codes)
    assert again.size_bytes == found.size_bytes < codes.size


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_sums_of_scales_come_back_from_a_table_a_channel(count, axis):
    scales = np.array([63, 31, 17, 5])[:count] + RANDOM.integers(-3, 4, (12, count))
    codes = np.einsum("rwi,ri->rw", RANDOM.choice([-1, 1], (12, 200, count)), scales)
    codes = np.moveaxis(codes, 0, axis)

    found = smallest_palette(tensor(codes, axis))

    assert (found.form, found.axis, found.bits) == (PaletteForm.SCALES, axis, count)
    np.testing.assert_array_equal(through_a_bundle(found).unpacked(), codes)
    # Four bytes a channel at most, and the numbers.
    assert found.size_bytes <= codes.size * count / 8 + 12 * 4


def test_codes_of_both_parities_are_sums_of_halves():
    codes = np.array([[-4, -1, 1, 4], [9, -2, 2, -9]])[:, RANDOM.integers(0, 4, 100)]
    found = smallest_palette(tensor(codes, 0))
    assert (found.form, found.divisor, found.bits) == (PaletteForm.SCALES, 2, 2)
    np.testing.assert_array_equal(through_a_bundle(found).unpacked(), codes)


def test_channels_of_zeros_have_scales_of_zero():
    codes = np.array([10, 50, 7])[:, None] * RANDOM.choice([-1, 1], (3, 100))
    codes[1] = 0
    found = smallest_palette(tensor(codes, 0))
    np.testing.assert_array_equal(through_a_bundle(found).unpacked(), codes)


def test_the_bytes_are_what_the_page_says():
    """One table of two signed bytes, then a bit a weight, the lowest first."""
    codes = np.array([[-5, 7, 7, -5, 7, -5, 7, 7, 7]] * 2)
    members = palette_members([smallest_palette(tensor(codes))])
    bits = [0, 1, 1, 0, 1, 0, 1, 1, 1] * 2
    packed = bytes(
        sum(bit << place for place, bit in enumerate(bits[start : start + 8]))
        for start in range(0, 18, 8)
    )
    assert members[DATA_MEMBER] == bytes([256 - 5, 7]) + packed
    assert json.loads(members[INDEX_MEMBER]) == {
        "schema_version": 1,
        "palettes": [
            {
                "name": "w",
                "shape": [2, 9],
                "form": "codes",
                "axis": None,
                "tables": 1,
                "entry_bits": [8, 8],
                "divisor": 1,
                "bits": 1,
                "offset": 0,
                "size_bytes": 5,
            }
        ],
    }


def test_several_tensors_follow_each_other():
    one = tensor(RANDOM.integers(0, 3, (5, 33)), name="one")
    two = tensor(RANDOM.integers(-2, 3, (7, 51)), 0, name="two")
    members = palette_members([smallest_palette(one), smallest_palette(two)])
    found = read_palettes(members[INDEX_MEMBER], members[DATA_MEMBER])
    for given_tensor in (one, two):
        assert found[given_tensor.name].unpacked().tobytes() == given_tensor.data


def test_dense_codes_have_no_palette():
    assert smallest_palette(tensor(RANDOM.integers(-127, 128, (64, 64)), 0)) is None
    assert palette_members([]) == {}


def test_what_is_no_palette_is_refused():
    members = palette_members([smallest_palette(tensor(RANDOM.integers(0, 3, (5, 33))))])
    index, data = members[INDEX_MEMBER], members[DATA_MEMBER]
    for bad in (b"", b"[]", b"{}", b"\xff", index.replace(b'"codes"', b'"notes"')):
        with pytest.raises(PaletteError):
            read_palettes(bad, data)
    with pytest.raises(PaletteError, match="version 9"):
        read_palettes(index.replace(b'"schema_version": 1', b'"schema_version": 9'), data)
    with pytest.raises(PaletteError, match="reaches beyond"):
        read_palettes(index, data[:-1])
