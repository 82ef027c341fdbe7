"""PAD and PADV2 in C: fill, then copy."""

import math

from edgekit.converters.c.copying import copy_step, numbered
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step

__all__ = ["fill_step", "pad", "pad_v2"]


@plans("PAD")
def pad(layer: Layer) -> tuple[Step, ...]:
    """int8 and int16, by constant widths, with the zero point."""
    return _padded(layer, layer.zero_point(layer.output()))


@plans("PADV2")
def pad_v2(layer: Layer) -> tuple[Step, ...]:
    """int8 and int16, by constant widths, with a constant value."""
    return _padded(layer, int(layer.constant(2).item()))


def _padded(layer: Layer, value: int) -> tuple[Step, ...]:
    target = numbered(layer.output())
    before = layer.constant(1)[:, 0].tolist()
    inner = target[
        tuple(
            slice(start, start + size)
            for start, size in zip(before, layer.input().shape, strict=True)
        )
    ]
    return (fill_step(layer, value), copy_step(layer, numbered(layer.input()), inner))


def fill_step(layer: Layer, value: int) -> Step:
    """Return a step that writes one value to the whole output."""
    kind = layer.c_type(layer.output())
    function = f"fill_{kind.removesuffix('_t')}"
    return Step(
        Kernel("fill.c", function, (("function", function), ("element", kind))),
        {"count": math.prod(layer.output().shape), "value": value},
        inputs=(),
    )
