"""MEAN, SUM, REDUCE_MAX and REDUCE_MIN in C."""

import math
from collections.abc import Mapping

from edgekit.converters.c.fixed_point import FixedPoint, integer_range, quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.loops import Loops, merged
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Parameter, Step
from edgekit.converters.graph import DataType

__all__ = ["mean", "reduce_max", "reduce_min", "reduce_sum"]

_LEVELS = 3


@plans("MEAN")
def mean(layer: Layer) -> Step:
    """int8 and int16, over constant axes."""
    count = _count(layer)
    factor = _factor(layer)
    # `QuantizedMeanOrSum` of TensorFlow Lite (kernels/internal/reference/reduce.h) puts the
    # division by the count into the multiplier.
    shift = min(count.bit_length() - 1, 32, 31 + factor.shift)
    divided = FixedPoint((factor.multiplier << shift) // count, factor.shift - shift)
    return _summed(layer, divided)


@plans("SUM")
def reduce_sum(layer: Layer) -> Step:
    """int8 and int16, over constant axes."""
    return _summed(layer, _factor(layer))


@plans("REDUCE_MAX")
def reduce_max(layer: Layer) -> Step:
    """int8 of one scale, over constant axes."""
    return _chosen(layer, "greatest", integer_range(layer.input().dtype)[0])


@plans("REDUCE_MIN")
def reduce_min(layer: Layer) -> Step:
    """int8 of one scale, over constant axes."""
    return _chosen(layer, "least", integer_range(layer.input().dtype)[1])


def _axes(layer: Layer) -> frozenset[int]:
    rank = len(layer.input().shape)
    return frozenset(layer.axis(int(axis), rank) for axis in layer.constant(1).flat)


def _count(layer: Layer) -> int:
    return math.prod(layer.input().shape[axis] for axis in _axes(layer))


def _factor(layer: Layer) -> FixedPoint:
    return quantize_multiplier(layer.scale(layer.input()) / layer.scale(layer.output()))


def _summed(layer: Layer, factor: FixedPoint) -> Step:
    low, high = integer_range(layer.output().dtype)
    return _reduced(
        layer,
        "sum",
        {
            "start": -layer.zero_point(layer.input()) * _count(layer),
            "multiplier": factor.multiplier,
            "shift": factor.shift,
            "output_zero_point": layer.zero_point(layer.output()),
            "output_low": low,
            "output_high": high,
        },
    )


def _chosen(layer: Layer, value: str, start: int) -> Step:
    layer.require_types(DataType.INT8)
    same = layer.input().quantization == layer.output().quantization
    layer.require(same, "its output has another scale or zero point than its input")
    return _reduced(layer, value, {"start": start})


def _reduced(layer: Layer, value: str, scales: Mapping[str, Parameter]) -> Step:
    layer.require_types(DataType.INT8, DataType.INT16)
    shape, axes = layer.input().shape, _axes(layer)
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    kept, reduced = (
        merged(
            Loops(tuple(shape[axis] for axis in chosen), (tuple(steps[axis] for axis in chosen),))
        )
        for chosen in (
            [axis for axis in range(len(shape)) if axis not in axes],
            sorted(axes),
        )
    )
    for loops in (kept, reduced):
        layer.require(len(loops.sizes) <= _LEVELS, f"it needs {len(loops.sizes)} nested loops")
    kept, reduced = kept.padded(_LEVELS), reduced.padded(_LEVELS)
    kind = layer.c_type(layer.input())
    function = f"{value}_{kind.removesuffix('_t')}"
    return Step(
        Kernel("reduce.c", function, (("function", function), ("value", value), ("element", kind))),
        {
            "size": kept.sizes,
            "step": kept.steps[0],
            "reduced_size": reduced.sizes,
            "reduced_step": reduced.steps[0],
            "scales": scales,
        },
    )
