"""QUANTIZE and DEQUANTIZE in C."""

import math

from edgekit.converters.c.constants import c_float
from edgekit.converters.c.fixed_point import integer_range, quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.lookup import lookup_step
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Follow, Kernel, Parameter, Step
from edgekit.converters.graph import DataType, Tensor

__all__ = ["dequantize", "quantize"]

_INT8_16 = (DataType.INT8, DataType.INT16)
_RESCALED = {
    DataType.INT8: (DataType.INT8, DataType.INT16, DataType.INT32),
    DataType.INT16: (DataType.INT8, DataType.INT16, DataType.INT32),
    DataType.INT32: (DataType.INT8, DataType.INT16),
}


@plans("QUANTIZE")
def quantize(layer: Layer) -> Step:
    """float32 to int8 and int16; int8, int16 and int32 to each other."""
    source, output = layer.input(), layer.output()
    if source.dtype is DataType.FLOAT32:
        layer.require(output.dtype in _INT8_16, f"from float32 to {output.dtype}")
        return _step(layer, "quantize_float", {"scale": c_float(layer.scale(output))})
    allowed = _RESCALED.get(source.dtype, ())
    layer.require(output.dtype in allowed, f"from {source.dtype} to {output.dtype}")
    if source.dtype is output.dtype is DataType.INT8:
        return lookup_step(layer)
    factor = quantize_multiplier(layer.scale(source) / layer.scale(output))
    return _step(
        layer,
        "rescale",
        {
            "input_zero_point": layer.zero_point(source),
            "multiplier": factor.multiplier,
            "shift": factor.shift,
        },
    )


@plans("DEQUANTIZE")
def dequantize(layer: Layer) -> Step:
    """int8 and int16 to float32."""
    source, output = layer.input(), layer.output()
    layer.require(source.dtype in _INT8_16, f"'{source.name}' is {source.dtype}")
    layer.require(output.dtype is DataType.FLOAT32, f"'{output.name}' is {output.dtype}")
    kind = layer.c_type(source)
    function = f"dequantize_{kind.removesuffix('_t')}"
    return Step(
        Kernel("dequantize.c", function, (("function", function), ("input", kind))),
        {
            "count": math.prod(output.shape),
            "scale": c_float(layer.scale(source)),
            "zero_point": layer.zero_point(source),
        },
    )


def _step(layer: Layer, template: str, scales: dict[str, Parameter]) -> Step:
    source, output = layer.input(), layer.output()
    kinds = [layer.c_type(tensor) for tensor in (source, output)]
    function = "_".join([template, *(kind.removesuffix("_t") for kind in kinds)])
    names = (("function", function), ("input", kinds[0]), ("output", kinds[1]))
    low, high = integer_range(output.dtype)
    return Step(
        Kernel(f"{template}.c", function, names),
        {
            "count": math.prod(output.shape),
            **scales,
            "output_zero_point": layer.zero_point(output),
            "output_low": low,
            "output_high": high,
        },
        follows=_behind(source, output),
    )


def _behind(source: Tensor, output: Tensor) -> tuple[Follow, ...]:
    return (Follow(0, 0, 0),) if output.dtype.bits <= source.dtype.bits else ()
