"""VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE: state that is read and written as tensors are."""

import math

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step

__all__ = ["assign_variable", "read_variable", "var_handle"]


@plans("VAR_HANDLE")
def var_handle(layer: Layer) -> tuple[Step, ...]:
    """Of variables that start at zero; it costs nothing."""
    layer.require(layer.output().is_variable, "nothing reads or writes its variable")
    return ()


@plans("READ_VARIABLE")
def read_variable(layer: Layer) -> Step:
    """Any type."""
    return _copied(layer, source=0, outputs=(0,), inputs=(0,))


@plans("ASSIGN_VARIABLE")
def assign_variable(layer: Layer) -> Step:
    """Any type."""
    return _copied(layer, source=1, outputs=(), inputs=(1, 0))


def _copied(
    layer: Layer, *, source: int, inputs: tuple[int, ...], outputs: tuple[int, ...]
) -> Step:
    tensor = layer.input(source)
    return Step(
        Kernel(
            "strided_copy.c",
            "strided_copy",
            (("function", "strided_copy"), ("bytes", "(size_t)p->run_bytes")),
        ),
        {
            "run_bytes": math.prod(tensor.shape) * tensor.dtype.bits // 8,
            "input_start": 0,
            "output_start": 0,
            "size": (1,) * 5,
            "input_step": (0,) * 5,
            "output_step": (0,) * 5,
        },
        inputs=inputs,
        outputs=outputs,
    )
