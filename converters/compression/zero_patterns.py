"""Zeros among weights: how many, and whether they lie in a pattern that chance does not make."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.weights import Weight

__all__ = ["LEAST_SHARE", "Zeros", "zeros_of"]

LEAST_SHARE = 0.1
"""Of zeros in a tensor that counts as pruned: rounding normal weights to eight bits leaves one
to six per cent of zeros, training in float none."""

_LEAST_IN_CHANNEL = 8  # weights; fewer can all be rounded to zero
_ABOVE_OTHERS = 3  # times as many zeros as of any other value: a grid of few values has zeros too
_CHANCE = 1e-6  # probability above which a pattern is taken for chance
_WHOLE = 0.95  # share of the zeros that a pattern has to explain
_GROUPS = (2, 4, 8, 16)
_BLOCKS = ((16, 16), (8, 8), (4, 4), (1, 16), (16, 1), (1, 8), (8, 1), (2, 2), (1, 4), (4, 1))

# Operator -> axis of the input channels in its weights; depthwise ones and tables have none.
_INPUT_AXES = {
    "Conv": 1,
    "ConvTranspose": 0,
    "LSTM": 2,
    "GRU": 2,
    "RNN": 2,
    "CONV_2D": 3,
    "FULLY_CONNECTED": 1,
    "TRANSPOSE_CONV": 3,
}
_MATRICES = frozenset(["Gemm", "MatMul"])
_TABLES = frozenset(["Gather", "GATHER"])

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Zeros:
    """Zeros of one tensor.

    Attributes:
        elements: How many weights there are.
        zeros: How many are exactly zero.
        output_channels: Wholly zero ones, and all.
        input_channels: Wholly zero ones, and all; both 0 where weights have none.
        pattern: ``channels``, ``2:4`` and the like (at most 2 of 4 neighbouring input channels
            are not zero), ``block 4x4`` (output by input channels) or ``unstructured``.
    """

    elements: int
    zeros: int
    output_channels: tuple[int, int]
    input_channels: tuple[int, int]
    pattern: str

    @property
    def share(self) -> float:
        """Zeros among the weights."""
        return self.zeros / self.elements


def zeros_of(weight: Weight) -> Zeros | None:
    """Return the zeros of a tensor where they are more than chance leaves, else None.

    They are where at least `LEAST_SHARE` is zero, and three times as many as there are of any
    other value, or where a channel of eight weights or more has nothing else.
    """
    zero = weight.values == 0
    rows = np.moveaxis(zero, weight.channel_axis, 0)
    outputs = _whole(rows) if weight.operator not in _TABLES else (0, len(rows))
    axis = _input_axis(weight)
    inputs = (0, 0) if axis is None else _whole(np.moveaxis(zero, axis, 0))
    count = int(zero.sum())
    pruned = count >= LEAST_SHARE * zero.size and count > _ABOVE_OTHERS * _most_frequent(weight)
    if not pruned and not outputs[0] and not inputs[0]:
        return None
    pattern = _pattern(weight, zero, axis, outputs, inputs)
    return Zeros(zero.size, count, outputs, inputs, pattern)


def _most_frequent(weight: Weight) -> int:
    """Return how often the most frequent value beside zero occurs."""
    others = weight.values[weight.values != 0]
    return int(np.unique(others, return_counts=True)[1].max(initial=0))


def _whole(rows: Flags) -> tuple[int, int]:
    flat = rows.reshape(len(rows), -1)
    enough = flat.shape[1] >= _LEAST_IN_CHANNEL
    return (int(flat.all(axis=1).sum()) if enough else 0), len(flat)


def _input_axis(weight: Weight) -> int | None:
    rank = weight.values.ndim
    if weight.operator in _MATRICES:
        return rank - 1 if weight.channel_axis == rank - 2 else rank - 2
    axis = _INPUT_AXES.get(weight.operator)
    return axis if axis is not None and axis < rank and weight.values.shape[axis] > 1 else None


def _pattern(
    weight: Weight, zero: Flags, axis: int | None, outputs: tuple[int, int], inputs: tuple[int, int]
) -> str:
    alive = ~zero.all(axis=_all_but(zero, weight.channel_axis))
    within = np.compress(alive, zero, weight.channel_axis)
    if axis is not None and within.size:
        within = np.compress(~within.all(axis=_all_but(within, axis)), within, axis)
    if within.sum() <= (1 - _WHOLE) * zero.sum():
        return "channels"
    if axis is None or max(outputs[0] / outputs[1], inputs[0] / inputs[1]) >= LEAST_SHARE:
        return "unstructured"  # channels that are gone would shift groups and blocks
    # As TFLite stores them: output channels, taps, input channels.
    moved = np.moveaxis(zero, (weight.channel_axis, axis), (0, -1))
    stored = moved.reshape(len(moved), -1, moved.shape[-1])
    return _n_of_m(stored) or _block(stored) or "unstructured"


def _all_but(values: npt.NDArray[Any], axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(values.ndim) if other != axis % values.ndim)


def _n_of_m(zero: Flags) -> str | None:
    """Return the strictest N:M along the input channels, None where chance can have made it."""
    found = []
    density = 1 - float(zero.mean())
    for group in _GROUPS:
        if zero.shape[-1] % group:
            continue
        filled = group - zero.reshape(-1, group).sum(axis=1)
        most = int(filled.max(initial=0))
        if 0 < most <= group // 2 and _chance(group, most, density, len(filled)) < _CHANCE:
            found.append((most / group, group, f"{most}:{group}"))
    return min(found)[2] if found else None


def _chance(group: int, most: int, density: float, groups: int) -> float:
    """Return the probability that independent weights fill no group with more than ``most``.

    Source: the binomial distribution, to the power of the number of groups.
    """
    one = sum(
        math.comb(group, filled) * density**filled * (1 - density) ** (group - filled)
        for filled in range(most + 1)
    )
    return float(min(one, 1.0) ** groups)


def _block(zero: Flags) -> str | None:
    """Return the largest aligned block that zeros come in, None where chance can have made it."""
    share = float(zero.mean())
    for height, width in _BLOCKS:
        outputs, taps, inputs = zero.shape
        if outputs % height or inputs % width:
            continue
        shape = (outputs // height, height, taps, inputs // width, width)
        whole = zero.reshape(shape).all(axis=(1, 4)).sum() * height * width
        expected = share ** (height * width - 1)
        if whole >= max(_WHOLE, (1 + expected) / 2) * zero.sum():
            return f"block {height}x{width}"
    return None
