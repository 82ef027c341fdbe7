"""Operators on two tensors, element by element, with broadcasting."""

import math
from collections.abc import Mapping

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.loops import broadcast_loops
from edgekit.converters.c.step import Follow, Kernel, Parameter, Step

__all__ = ["elementwise_step"]

_LEVELS = 4


def elementwise_step(
    layer: Layer,
    value: str,
    scales: Mapping[str, Parameter],
    *,
    inputs: tuple[int, int] = (0, 1),
    scales_type: str | None = None,
) -> Step:
    """Return the step of an operator on two tensors.

    Args:
        layer: The operator.
        value: Its part ``<value>_value.h`` computes one element.
        scales: Fields of what the part knows of the tensors.
        inputs: Positions of the two tensors.
        scales_type: The type of the scales, ``<value>_scales`` by default.
    """
    first, second = (layer.input(position) for position in inputs)
    output = layer.output()
    loops = broadcast_loops(output.shape, first.shape, second.shape)
    layer.require(
        len(loops.sizes) <= _LEVELS, f"its broadcast needs {len(loops.sizes)} nested loops"
    )
    loops = loops.padded(_LEVELS)
    kinds = [layer.c_type(tensor) for tensor in (first, second, output)]
    suffix = "_".join(dict.fromkeys(kind.removesuffix("_t") for kind in kinds))
    function = f"{value}_{suffix}"
    scales_type = scales_type or f"{value}_scales"
    names = dict(zip(("first", "second", "output"), kinds, strict=True))
    return Step(
        Kernel(
            "elementwise.c",
            function,
            (("function", function), ("value", value), ("scales", scales_type), *names.items()),
        ),
        {
            "size": loops.sizes,
            "first_step": loops.steps[0],
            "second_step": loops.steps[1],
            "scales": scales,
        },
        inputs=inputs,
        follows=tuple(
            Follow(number, 0, 0)
            for number, tensor in enumerate((first, second))
            if math.prod(tensor.shape) == math.prod(output.shape)
            and output.dtype.bits <= tensor.dtype.bits
        ),
    )
