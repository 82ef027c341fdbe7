"""Weights in the order of kernels give the same sums, and outputs never reach unread inputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgekit.converters.c.geometry import Window
from edgekit.converters.c.ops.conv_2d import Convolution
from edgekit.converters.c.packing import (
    block_distance,
    channel_words,
    finish_of,
    pack_fours,
    pair_quads,
    row_distance,
    scale_words,
    sums_fit,
)
from edgekit.converters.c.weighted import Channels, Numbers

weights = hnp.arrays(
    np.int8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(-127, 127)
)


def channels(count=3, *, shift=-5, zero_point=-128, clamp=(-128, 127), bias=1000):
    return Channels(
        bias=np.full(count, bias, np.int32),
        multiplier=np.full(count, 1 << 30, np.int32),
        shift=np.full(count, shift, np.int8),
        output_zero_point=zero_point,
        clamp=clamp,
    )


def half(word, number):
    """Return a half of a word, with its sign."""
    return int(np.int16(np.uint16(int(word) >> (16 * number) & 0xFFFF)))


@given(weights, st.randoms())
def test_pairs_of_channels_give_both_sums(rows, random):
    words = pair_quads(rows)
    count, length = rows.shape
    values = np.array([random.randint(-128, 127) for _ in range(words.shape[1] * 4)])
    for pair in range(len(words)):
        both = first = 0
        for quad, word in enumerate(words[pair]):
            for odd in range(2):
                for upper in range(2):
                    value = int(values[4 * quad + odd + 2 * upper])
                    both += value * half(word[odd], upper)
                    first += value * int(np.int8(np.uint8(int(word[odd]) >> (16 * upper) & 0xFF)))
        assert first == rows[2 * pair].astype(int) @ values[:length]
        if 2 * pair + 1 < count:
            assert (both - first) // 256 == rows[2 * pair + 1].astype(int) @ values[:length]


def test_a_pair_that_overflows_a_half_is_refused():
    assert pair_quads(np.array([[-1], [-128]], np.int8)) is None
    assert pair_quads(np.array([[0], [-128]], np.int8)) is not None


@given(weights)
def test_fours_hold_every_weight_once(rows):
    blocks = pack_fours(rows).reshape(-(-len(rows) // 4), -1, 4, 16)
    back = blocks.transpose(0, 2, 1, 3).reshape(blocks.shape[0] * 4, -1)
    np.testing.assert_array_equal(back[: len(rows), : rows.shape[1]], rows)
    assert np.abs(back.astype(int)).sum() == np.abs(rows.astype(int)).sum()


def test_sums_stop_short_of_24_bits():
    row = np.full((1, 516), 127, np.int8)
    assert sums_fit(row, channels(1, bias=0))
    assert not sums_fit(row, channels(1, bias=1 << 18))


@pytest.mark.parametrize(
    ("given_channels", "wanted"),
    [
        (channels(), "relu"),
        (channels(zero_point=3), "linear"),
        (channels(shift=0), "any"),
        (channels(clamp=(-128, 100)), "any"),
        (channels(zero_point=3, clamp=(3, 127)), "any"),
    ],
)
def test_the_way_to_requantize(given_channels, wanted):
    assert finish_of(given_channels) == wanted


def test_scales_lie_as_kernels_read_them():
    found = channels(5, bias=-7)
    assert list(channel_words(found, 6)) == [-7 * 256 + 5] * 5 + [0]
    words = scale_words(found).reshape(2, 9)
    assert list(words[0, :4]) == [-7] * 4
    assert list(words[1, 4:8]) == [1 << 30, 0, 0, 0]
    assert words[0, 8:].astype("<i4").tobytes() == b"\xfb" * 4


@st.composite
def convolutions(draw, *, depthwise=False):
    """Return a convolution of which only the geometry matters."""
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    output = tuple(-(-image // step) for image, step in zip((height, width), stride, strict=True))
    pads = [
        max(0, (output[axis] - 1) * stride[axis] + (size[axis] - 1) * dilation[axis] + 1 - image)
        // 2
        for axis, image in enumerate((height, width))
    ]
    inputs = draw(st.integers(1, 5))
    outputs = inputs if depthwise else draw(st.integers(1, 5))
    batches = draw(st.integers(1, 2))
    return Convolution(
        numbers=Numbers("int8_t", "int32_t", "dot_product", "requantize"),
        weights=np.zeros((outputs, *size, inputs), np.int8),
        channels=channels(outputs),
        window=Window(size, stride, dilation, (pads[0], pads[1])),
        input_shape=(batches, height, width, inputs),
        output_shape=(batches, *output, outputs),
        input_zero_point=0,
    )


def pixels_read(found):
    """Return, for each pixel of the output in order, the pixels of the input under its kernel."""
    batches, height, width, _ = found.input_shape
    window = found.window
    for batch in range(batches):
        for y in range(found.output_shape[1]):
            for x in range(found.output_shape[2]):
                rows = [
                    y * window.stride[0] - window.pad[0] + k * window.dilation[0]
                    for k in range(window.size[0])
                ]
                columns = [
                    x * window.stride[1] - window.pad[1] + k * window.dilation[1]
                    for k in range(window.size[1])
                ]
                yield {
                    (batch * height + row) * width + column
                    for row in rows
                    if 0 <= row < height
                    for column in columns
                    if 0 <= column < width
                }


@given(convolutions(), st.integers(1, 2))
@settings(deadline=None)
def test_blocks_of_pixels_do_not_reach_unread_inputs(found, block):
    distance = block_distance(found, block)
    reads = list(pixels_read(found))
    per_batch = len(reads) // found.input_shape[0]
    starts = [
        batch * per_batch + pixel
        for batch in range(found.input_shape[0])
        for pixel in range(0, per_batch, block)
    ]
    for end in [*starts[1:], len(reads)]:
        unread = set().union(*reads[end:])
        if unread:
            assert end * found.output_shape[3] <= distance + min(unread) * found.input_shape[3]


@given(convolutions(depthwise=True))
@settings(deadline=None)
def test_channels_one_after_another_do_not_reach_unread_inputs(found):
    distance, count = row_distance(found), found.input_shape[3]
    reads = list(pixels_read(found))
    for pixel in range(len(reads)):
        for channel in range(1, count + 1):
            unread = {
                other * count + later for other in reads[pixel] for later in range(channel, count)
            } | {other * count for others in reads[pixel + 1 :] for other in others}
            if unread:
                assert pixel * count + channel <= distance + min(unread)
