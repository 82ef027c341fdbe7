"""Operators that move elements about: one kernel that copies along nested loops."""

import math

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.errors import UnsupportedLayerError
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.loops import Loops, affine_steps, merged
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import Tensor

__all__ = ["copy_step", "numbered"]

_LEVELS = 5
_WORDS = (1, 2, 4, 8)


def numbered(tensor: Tensor) -> npt.NDArray[np.int64]:
    """Return the numbers of a tensor's elements, in its shape."""
    return np.arange(math.prod(tensor.shape)).reshape(tensor.shape)


def copy_step(
    layer: Layer,
    source: npt.NDArray[np.int64],
    target: npt.NDArray[np.int64],
    *,
    input: int = 0,  # noqa: A002 - as `Layer.input`
    output: int = 0,
) -> Step:
    """Return a step that copies elements of an input to elements of an output.

    Args:
        layer: The operator.
        source: Numbers of the elements that are read.
        target: Numbers of the elements that they become, in the same shape.
        input: Position of the input.
        output: Position of the output.
    """
    width = layer.output(output).dtype.bits // 8
    layer.require(width > 0, f"'{layer.output(output).name}' is {layer.output(output).dtype}")
    layer.require(layer.input(input).dtype == layer.output(output).dtype, "its types differ")
    read, written = affine_steps(source), affine_steps(target)
    if read is None or written is None:
        raise UnsupportedLayerError(layer.operator, "it moves elements that are not evenly spaced")
    loops = merged(Loops(source.shape, (read[1], written[1])))
    sizes, (reads, writes) = loops.sizes, loops.steps
    run = width
    if sizes and reads[-1] == writes[-1] == 1:
        run *= sizes[-1]
        sizes, reads, writes = sizes[:-1], reads[:-1], writes[:-1]
    layer.require(len(sizes) <= _LEVELS, f"it needs {len(sizes)} nested loops")
    nest = Loops(sizes, (reads, writes)).padded(_LEVELS)
    fixed = run in _WORDS
    return Step(
        Kernel(
            "strided_copy.c",
            f"strided_copy_{run}" if fixed else "strided_copy",
            (
                ("function", f"strided_copy_{run}" if fixed else "strided_copy"),
                ("bytes", f"{run}u" if fixed else "(size_t)p->run_bytes"),
            ),
        ),
        {
            "run_bytes": run,
            "input_start": read[0] * width,
            "output_start": written[0] * width,
            "size": nest.sizes,
            "input_step": tuple(step * width for step in nest.steps[0]),
            "output_step": tuple(step * width for step in nest.steps[1]),
        },
        inputs=(input,),
        outputs=(output,),
    )
