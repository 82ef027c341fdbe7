"""Operators that join tensors or take them apart."""

import numpy as np

from edgekit.converters.c.copying import copy_step, numbered
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Step

__all__ = ["concatenation", "pack", "split", "split_v", "unpack"]


@plans("CONCATENATION")
def concatenation(layer: Layer) -> tuple[Step, ...]:
    """Any type; all inputs have the output's scale and zero point."""
    target = numbered(layer.output())
    axis = layer.axis(layer.option("axis"), target.ndim)
    steps, start = [], 0
    for position in range(len(layer.operator.inputs)):
        tensor = layer.input(position)
        same = tensor.quantization == layer.output().quantization
        layer.require(same, f"'{tensor.name}' has another scale or zero point than the output")
        end = start + tensor.shape[axis]
        part = target[(slice(None),) * axis + (slice(start, end),)]
        steps.append(copy_step(layer, numbered(tensor), part, input=position))
        start = end
    return tuple(steps)


@plans("PACK")
def pack(layer: Layer) -> tuple[Step, ...]:
    """Any type."""
    target = numbered(layer.output())
    axis = layer.axis(layer.option("axis"), target.ndim)
    return tuple(
        copy_step(
            layer,
            np.expand_dims(numbered(layer.input(position)), axis),
            target.take([position], axis),
            input=position,
        )
        for position in range(len(layer.operator.inputs))
    )


@plans("UNPACK")
def unpack(layer: Layer) -> tuple[Step, ...]:
    """Any type."""
    source = numbered(layer.input())
    axis = layer.axis(layer.option("axis"), source.ndim)
    return tuple(
        copy_step(
            layer,
            source.take([position], axis),
            np.expand_dims(numbered(layer.output(position)), axis),
            output=position,
        )
        for position in range(len(layer.operator.outputs))
    )


@plans("SPLIT")
def split(layer: Layer) -> tuple[Step, ...]:
    """Any type, along a constant axis, into equal parts."""
    return _split(layer, data=1, axis=int(layer.constant(0).item()))


@plans("SPLIT_V")
def split_v(layer: Layer) -> tuple[Step, ...]:
    """Any type, along a constant axis, into parts of constant sizes."""
    return _split(layer, data=0, axis=int(layer.constant(2).item()))


def _split(layer: Layer, *, data: int, axis: int) -> tuple[Step, ...]:
    source = numbered(layer.input(data))
    axis = layer.axis(axis, source.ndim)
    outputs = [layer.output(position) for position in range(len(layer.operator.outputs))]
    ends = np.cumsum([tensor.shape[axis] for tensor in outputs])[:-1]
    parts = np.split(source, ends, axis)
    return tuple(
        copy_step(layer, part, numbered(tensor), input=data, output=position)
        for position, (part, tensor) in enumerate(zip(parts, outputs, strict=True))
    )
