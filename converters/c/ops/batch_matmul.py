"""BATCH_MATMUL in C."""

import math

import numpy as np

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["batch_matmul"]

_BATCH_AXES = 3


@plans("BATCH_MATMUL")
def batch_matmul(layer: Layer) -> Step:
    """int8, of up to five axes, transposed as asked, with broadcasting of the batches."""
    first, second, output = layer.input(0), layer.input(1), layer.output()
    for tensor in (first, second, output):
        layer.require(tensor.dtype is DataType.INT8, f"'{tensor.name}' is {tensor.dtype}")
    rank = max(len(first.shape), len(second.shape))
    layer.require(rank <= _BATCH_AXES + 2, f"it has {rank} axes")
    transposed = [bool(layer.option(name)) for name in ("adj_x", "adj_y")]
    (rows, depth), (other, columns) = (
        shape[::-1] if turned else shape
        for shape, turned in zip((first.shape[-2:], second.shape[-2:]), transposed, strict=True)
    )
    layer.require(depth == other, f"its inputs have {depth} and {other} values to multiply")
    # The product of the scales in single precision, as in `GetQuantizedConvolutionMultipler` of
    # TensorFlow Lite (kernels/kernel_util.cc).
    product = np.float32(layer.scale(first)) * np.float32(layer.scale(second))
    factor = quantize_multiplier(float(product) / layer.scale(output))
    one, two = (_batch_steps(tensor.shape) for tensor in (first, second))
    sizes = [max(pair) for pair in zip(_batches(first.shape), _batches(second.shape), strict=True)]
    return Step(
        Kernel("batch_matmul.c", "batch_matmul"),
        {
            "size": tuple(sizes),
            "first_step": one,
            "second_step": two,
            "rows": rows,
            "columns": columns,
            "depth": depth,
            "first_row_step": 1 if transposed[0] else depth,
            "first_depth_step": rows if transposed[0] else 1,
            "second_depth_step": 1 if transposed[1] else columns,
            "second_column_step": depth if transposed[1] else 1,
            "first_zero_point": layer.zero_point(first),
            "second_zero_point": layer.zero_point(second),
            "multiplier": factor.multiplier,
            "shift": factor.shift,
            "output_zero_point": layer.zero_point(output),
        },
        inputs=(0, 1),
    )


def _batches(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (1,) * (_BATCH_AXES + 2 - len(shape)) + shape[:-2]


def _batch_steps(shape: tuple[int, ...]) -> tuple[int, ...]:
    sizes, matrix = _batches(shape), math.prod(shape[-2:])
    return tuple(
        0 if size == 1 else matrix * math.prod(sizes[axis + 1 :]) for axis, size in enumerate(sizes)
    )
