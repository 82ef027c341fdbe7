"""UNIDIRECTIONAL_SEQUENCE_LSTM in C."""

import math

import numpy as np

from edgekit.converters.c.fixed_point import quantize_multiplier
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.sigmoid_int16 import sigmoid_table
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Parameter, Step
from edgekit.converters.graph import DataType

__all__ = ["unidirectional_sequence_lstm"]

_HIDDEN, _CELL = 18, 19  # positions of the states among the inputs
_ABSENT = (9, 10, 11, 16, 17, 20, 21, 22, 23)  # peepholes, projection, layer normalization
_TANH = 4  # `ActivationFunctionType` of the schema
_GATES = {"input_gate": (1, 5, 12), "forget_gate": (2, 6, 13), "cell_gate": (3, 7, 14)}
_GATES |= {"output_gate": (4, 8, 15)}
_GATE_SCALE, _Q15 = 2.0**-12, 2.0**-15


@plans("UNIDIRECTIONAL_SEQUENCE_LSTM")
def unidirectional_sequence_lstm(layer: Layer) -> Step:
    """int8 with constant int8 weights and int16 cells; without peepholes and projection."""
    layer.require_types(DataType.INT8)
    source, output = layer.input(), layer.output()
    hidden, cell = layer.input(_HIDDEN), layer.input(_CELL)
    for tensor, kind in ((hidden, DataType.INT8), (cell, DataType.INT16)):
        layer.require(tensor.is_variable, f"'{tensor.name}' is not a variable")
        layer.require(tensor.dtype is kind, f"'{tensor.name}' is {tensor.dtype}")
    for position in _ABSENT:
        layer.require(layer.optional_input(position) is None, f"it has an input {position}")
    layer.require(layer.option("fused_activation_function") == _TANH, "its activation is no TANH")
    layer.require(hidden.quantization == output.quantization, "its state has another scale")
    batches, steps = source.shape[:2]
    is_time_major = bool(layer.option("time_major"))
    if is_time_major:
        batches, steps = steps, batches
    # `PrepareGateParametersInteger` of TensorFlow Lite Micro (kernels/lstm_eval_common.cc).
    scale = layer.scale(cell)
    products = {
        "forget": _Q15 * scale / scale,
        "input": _Q15 * _Q15 / scale,
        "output": _Q15 * _Q15 / layer.scale(hidden),
    }
    factors = {name: quantize_multiplier(value) for name, value in products.items()}
    return Step(
        Kernel("unidirectional_sequence_lstm.c", "unidirectional_sequence_lstm"),
        {
            **{name: _gate(layer, *positions) for name, positions in _GATES.items()},
            "sigmoid": Array(sigmoid_table()),
            "batches": batches,
            "steps": steps,
            "inputs": source.shape[2],
            "units": output.shape[2],
            "batch_stride": 1 if is_time_major else steps,
            "step_stride": batches if is_time_major else 1,
            **{f"{name}_multiplier": item.multiplier for name, item in factors.items()},
            **{f"{name}_shift": item.shift for name, item in factors.items()},
            "output_zero_point": layer.zero_point(hidden),
            "cell_clip": _clip(layer.option("cell_clip", 0.0), scale),
            **_tangent(layer, scale),
        },
        inputs=(0, _HIDDEN, _CELL),
    )


def _gate(layer: Layer, weights: int, recurrent: int, bias: int) -> dict[str, Parameter]:
    fields: dict[str, Parameter] = {}
    for position, source, prefix in (
        (weights, layer.input(), ""),
        (recurrent, layer.input(_HIDDEN), "recurrent_"),
    ):
        values = layer.constant(position)
        layer.require(values.dtype == np.int8, f"'{layer.input(position).name}' is not int8")
        folded = -layer.zero_point(source) * values.astype(np.int64).sum(axis=1)
        if not prefix:
            folded = folded + layer.constant(bias)
        # The product of the scales in single precision (kernels/kernel_util.cc).
        product = np.float32(layer.scale(source)) * np.float32(layer.scale(layer.input(position)))
        factor = quantize_multiplier(float(product) / _GATE_SCALE)
        fields[prefix.rstrip("_") or "weights"] = Array(values.reshape(-1))
        fields[f"{prefix}bias"] = Array(folded.astype(np.int32))
        fields[f"{prefix}multiplier"] = factor.multiplier
        fields[f"{prefix}shift"] = factor.shift
    return fields


def _clip(limit: float, scale: float) -> int:
    """Return the greatest magnitude of a cell; without a limit, one that clips nothing."""
    return int(min(limit / scale, 32767.0)) if limit > 0 else 32768


def _tangent(layer: Layer, scale: float) -> dict[str, Parameter]:
    """Return what brings a cell to steps of 1/(3 * 4096); its scale is a power of two."""
    exponent = round(math.log2(scale))
    layer.require(2.0**exponent == scale, "the scale of its cells is no power of two")
    shift = 12 + exponent
    return {"cell_factor": 3 << max(shift, 0), "cell_down": max(-shift, 0)}
