"""Which zeros count as pruning, and which pattern they lie in."""

import numpy as np
import pytest

from edgekit.converters.compression.weights import Weight
from edgekit.converters.compression.zero_patterns import zeros_of

RANDOM = np.random.default_rng(0)
SHAPE = (32, 64, 3, 3)  # of an ONNX convolution


def weight(values, operator="Conv", axis=0):
    return Weight("w", np.asarray(values, np.float32), f"{operator} 'n'", operator, axis)


def dense(*shape):
    return RANDOM.standard_normal(shape or SHAPE)


def of_groups(values, kept, group):
    """Keep the largest of every group of neighbouring input channels (axis 1)."""
    moved = np.moveaxis(values, 1, -1)
    grouped = np.abs(moved.reshape(-1, group))
    ranks = grouped.argsort(axis=1).argsort(axis=1)
    mask = (ranks >= group - kept).reshape(moved.shape)
    return values * np.moveaxis(mask, -1, 1)


def of_blocks(values, height, width, share=0.5):
    """Zero whole blocks of output by input channels."""
    outputs, inputs, *taps = values.shape
    blocks = RANDOM.random((outputs // height, inputs // width, *taps)) >= share
    return values * np.kron(blocks, np.ones((height, width, *[1] * len(taps))))


@pytest.mark.parametrize("bits", [None, 8, 4, 3])
@pytest.mark.parametrize("operator", ["Conv", "ConvTranspose", "MatMul"])
def test_nothing_is_found_in_dense_weights(bits, operator):
    """Rounding makes zeros too: up to a third of them on a grid of three bits."""
    values = dense(64, 64)[:, :, None, None] if operator != "MatMul" else dense(64, 64)
    if bits:
        step = np.abs(values).max() / (2 ** (bits - 1) - 1)
        values = np.round(values / step) * step
    assert zeros_of(weight(values, operator)) is None


def test_ternary_weights_are_not_pruned_ones():
    values = np.sign(np.where(np.abs(dense()) < 0.54, 0, dense()))  # two fifths are zero
    assert zeros_of(weight(values)) is None


@pytest.mark.parametrize("share", [0.12, 0.5, 0.9])
def test_unstructured(share):
    values = dense() * (RANDOM.random(SHAPE) >= share)
    found = zeros_of(weight(values))
    assert found.zeros == int((values == 0).sum())
    assert found.share == pytest.approx(share, abs=0.02)
    assert found.pattern == "unstructured"
    assert (found.output_channels, found.input_channels) == ((0, 32), (0, 64))


@pytest.mark.parametrize(("kept", "group"), [(2, 4), (1, 4), (1, 2), (4, 8), (2, 8), (4, 16)])
def test_n_of_m_along_the_input_channels(kept, group):
    found = zeros_of(weight(of_groups(dense(), kept, group)))
    assert found.pattern == f"{kept}:{group}"


def test_n_of_m_along_another_axis_is_none():
    values = np.moveaxis(of_groups(np.moveaxis(dense(), 0, 1), 2, 4), 1, 0)
    assert zeros_of(weight(values)).pattern == "unstructured"


@pytest.mark.parametrize(
    ("operator", "channel_axis", "turned"),
    [("Gemm", 0, False), ("MatMul", 1, True), ("FULLY_CONNECTED", 0, False)],
)
def test_input_channels_of_matrices(operator, channel_axis, turned):
    values = of_groups(dense(32, 64), 2, 4)
    found = zeros_of(weight(values.T if turned else values, operator, channel_axis))
    assert found.pattern == "2:4"


@pytest.mark.parametrize(
    "shape", [(1, 4), (4, 1), (2, 2), (4, 4), (1, 8), (8, 1), (8, 8), (16, 1), (1, 16), (16, 16)]
)
def test_blocks(shape):
    found = zeros_of(weight(of_blocks(dense(64, 128), *shape), "Gemm"))
    assert found.pattern == f"block {shape[0]}x{shape[1]}"


def test_nearly_everything_zero_is_no_block():
    values = dense() * (RANDOM.random(SHAPE) >= 0.98)
    assert not zeros_of(weight(values)).pattern.startswith("block")


def test_whole_channels():
    values = dense()
    values[::4] = 0
    values[:, :16] = 0
    found = zeros_of(weight(values))
    assert (found.output_channels, found.input_channels) == ((8, 32), (16, 64))
    assert found.pattern == "channels"


def test_one_zero_channel_is_enough_but_not_a_short_one():
    values = dense()
    values[5] = 0
    assert zeros_of(weight(values)).output_channels == (1, 32)
    short = dense(32, 1, 5)
    short[5] = 0
    assert zeros_of(weight(short)) is None


def test_a_row_of_a_table_is_no_channel():
    """Embeddings have a zero row for padding."""
    table = dense(100, 32)
    table[0] = 0
    assert zeros_of(weight(table, "Gather")) is None
