"""SVDF in C."""

import numpy as np

from edgekit.converters.c.fixed_point import integer_range, quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["svdf"]

_RELU = 1


@plans("SVDF")
def svdf(layer: Layer) -> Step:
    """int8 with constant int8 weights; its state is int8 or int16."""
    layer.require_types(DataType.INT8)
    source, features, times, state = (layer.input(position) for position in (0, 1, 2, 4))
    output = layer.output()
    layer.require(state.is_variable, f"'{state.name}' is not a variable")
    layer.require(times.dtype is state.dtype, "its state and time weights have different types")
    kind = layer.c_type(state)
    layer.require(kind in ("int8_t", "int16_t"), f"'{state.name}' is {state.dtype}")
    layer.require(layer.option("fused_activation_function") == _RELU, "its activation is no RELU")
    weights, rank = layer.constant(1), layer.option("rank", 1)
    units = len(weights) // rank
    low, high = integer_range(state.dtype)
    # `PrepareSvdf` of TensorFlow Lite Micro (kernels/svdf_common.cc) multiplies as doubles.
    first = quantize_multiplier(layer.scale(source) * layer.scale(features) / layer.scale(state))
    second = quantize_multiplier(layer.scale(state) * layer.scale(times) / layer.scale(output))
    sums = weights.astype(np.int64).sum(axis=1)
    has_bias = layer.optional_input(3) is not None
    bias = layer.constant(3).reshape(-1) if has_bias else np.zeros(units, np.int32)
    function = f"svdf_{kind.removesuffix('_t')}"
    return Step(
        Kernel("svdf.c", function, (("function", function), ("state", kind))),
        {
            "feature_weights": Array(weights.reshape(-1)),
            "feature_bias": Array((-layer.zero_point(source) * sums).astype(np.int32)),
            "time_weights": Array(layer.constant(2).reshape(-1)),
            "bias": Array(bias),
            "batches": source.shape[0],
            "inputs": source.shape[1],
            "units": units,
            "rank": rank,
            "memory": times.shape[1],
            "feature_multiplier": first.multiplier,
            "feature_shift": first.shift,
            "state_zero_point": layer.zero_point(state),
            "state_low": low,
            "state_high": high,
            "multiplier": second.multiplier,
            "shift": second.shift,
            "output_zero_point": layer.zero_point(output),
        },
        inputs=(0, 4),
    )
