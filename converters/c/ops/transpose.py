"""Operators that choose, reorder or repeat elements of one tensor."""

import math

import numpy as np

from edgekit.converters.c.copying import copy_step, numbered
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step

__all__ = [
    "broadcast_to",
    "depth_to_space",
    "reverse",
    "slice_tensor",
    "space_to_depth",
    "strided_slice",
    "transpose",
]


@plans("TRANSPOSE")
def transpose(layer: Layer) -> Step:
    """Any type, by a constant permutation."""
    moved = numbered(layer.input()).transpose([int(axis) for axis in layer.constant(1)])
    return copy_step(layer, moved, np.arange(moved.size).reshape(moved.shape))


@plans("SLICE")
def slice_tensor(layer: Layer) -> Step:
    """Any type, with constant begin and size."""
    begins, sizes = layer.constant(1).tolist(), layer.constant(2).tolist()
    cut = numbered(layer.input())[
        tuple(
            slice(begin, None if size == -1 else begin + size)
            for begin, size in zip(begins, sizes, strict=True)
        )
    ]
    return copy_step(layer, cut, np.arange(cut.size).reshape(cut.shape))


@plans("STRIDED_SLICE")
def strided_slice(layer: Layer) -> Step:
    """Any type, with constant begin, end and strides; without ellipsis and new axes."""
    for mask in ("ellipsis_mask", "new_axis_mask"):
        layer.require(not layer.option(mask), f"its {mask} is {layer.option(mask)}")
    values = (layer.constant(position).tolist() for position in (1, 2, 3))
    cuts = []
    for axis, (begin, end, step) in enumerate(zip(*values, strict=True)):
        bit = 1 << axis
        if layer.option("shrink_axis_mask") & bit:
            first = 0 if layer.option("begin_mask") & bit else begin % layer.input().shape[axis]
            cuts.append(slice(first, first + 1))
            continue
        first = None if layer.option("begin_mask") & bit else begin
        last = None if layer.option("end_mask") & bit else end
        cuts.append(slice(first, last, step))
    cut = numbered(layer.input())[tuple(cuts)]
    layer.require(cut.size > 0, "its output is empty")
    return copy_step(layer, cut, np.arange(cut.size).reshape(cut.shape))


@plans("REVERSE_V2")
def reverse(layer: Layer) -> Step:
    """Any type, along constant axes."""
    flipped = np.flip(numbered(layer.input()), tuple(layer.constant(1).tolist()))
    return copy_step(layer, flipped, np.arange(flipped.size).reshape(flipped.shape))


@plans("BROADCAST_TO")
def broadcast_to(layer: Layer) -> Step:
    """Any type."""
    wide = np.broadcast_to(numbered(layer.input()), layer.output().shape)
    return copy_step(layer, wide, np.arange(wide.size).reshape(wide.shape))


@plans("SPACE_TO_DEPTH")
def space_to_depth(layer: Layer) -> Step:
    """Any type."""
    batches, height, width, channels = layer.input().shape
    block = layer.option("block_size")
    split = numbered(layer.input()).reshape(
        batches, height // block, block, width // block, block, channels
    )
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    return copy_step(layer, moved, np.arange(math.prod(moved.shape)).reshape(moved.shape))


@plans("DEPTH_TO_SPACE")
def depth_to_space(layer: Layer) -> Step:
    """Any type."""
    batches, height, width, channels = layer.input().shape
    block = layer.option("block_size")
    split = numbered(layer.input()).reshape(
        batches, height, width, block, block, channels // block**2
    )
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    return copy_step(layer, moved, np.arange(math.prod(moved.shape)).reshape(moved.shape))
