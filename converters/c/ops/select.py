"""SELECT_V2 in C."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.loops import broadcast_loops
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["select"]

_LEVELS = 4


@plans("SELECT_V2")
def select(layer: Layer) -> Step:
    """int8 and int16 of one scale, with broadcasting."""
    condition, first, second = (layer.input(position) for position in range(3))
    output = layer.output()
    layer.require(condition.dtype is DataType.BOOL, f"'{condition.name}' is {condition.dtype}")
    layer.require(output.dtype in (DataType.INT8, DataType.INT16), f"it gives {output.dtype}")
    for tensor in (first, second):
        same = tensor.quantization == output.quantization and tensor.dtype is output.dtype
        layer.require(same, f"'{tensor.name}' has another type or scale than the output")
    loops = broadcast_loops(output.shape, condition.shape, first.shape, second.shape)
    layer.require(len(loops.sizes) <= _LEVELS, f"it needs {len(loops.sizes)} nested loops")
    loops = loops.padded(_LEVELS)
    kind = layer.c_type(output)
    function = f"select_{kind.removesuffix('_t')}"
    return Step(
        Kernel("select.c", function, (("function", function), ("element", kind))),
        {
            "size": loops.sizes,
            "condition_step": loops.steps[0],
            "first_step": loops.steps[1],
            "second_step": loops.steps[2],
        },
        inputs=(0, 1, 2),
    )
