"""Operators on integers with grids among their inputs: their float forms.

Sources: ONNX's QLinearConv and QLinearMatMul; the others are ONNX Runtime's
(docs/ContribOperators.md there).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.grids import grid_from, read_grid
from edgekit.converters.sources.trained.state import State
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["OPERATORS"]

_WINDOW = ("auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads")
_CONV = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
_FLAT_SOFTMAX = 13  # opset from which on Softmax takes one axis


def _conv(state: State, node: Any) -> None:
    x = state.read(node, 0, (1, 2))
    weights = _weights(state, node, 3, 0)
    inputs = [x, weights]
    if len(node.input) > 8 and node.input[8]:
        inputs.append(_bias(state, node, 8, (1, 4)))
    _finish(state, node, "Conv", inputs, (6, 7), _CONV)


def _matmul(state: State, node: Any) -> None:
    inputs = [state.read(node, 0, (1, 2)), _weights(state, node, 3, -1)]
    _finish(state, node, "MatMul", inputs, (6, 7))


def _gemm(state: State, node: Any) -> None:
    is_turned = any(item.name == "transB" and item.i for item in node.attribute)
    inputs = [state.read(node, 0, (1, 2)), _weights(state, node, 3, 0 if is_turned else 1)]
    if len(node.input) > 6 and node.input[6]:
        alpha = next((item.f for item in node.attribute if item.name == "alpha"), 1.0)
        inputs.append(_bias(state, node, 6, (1, 4), alpha))
    keep = ("alpha", "transA", "transB")
    if len(node.input) > 7 and node.input[7]:
        _finish(state, node, "Gemm", inputs, (7, 8), keep)
    else:
        state.emit(node, "Gemm", inputs, node.output[0], keep)


def _binary(kind: str) -> Callable[[State, Any], None]:
    def convert(state: State, node: Any) -> None:
        inputs = [state.read(node, 0, (1, 2)), state.read(node, 3, (4, 5))]
        _finish(state, node, kind, inputs, (6, 7))

    return convert


def _unary(kind: str, keep: tuple[str, ...] = ()) -> Callable[[State, Any], None]:
    def convert(state: State, node: Any) -> None:
        if any(item.name == "channels_last" and item.i for item in node.attribute):
            raise TrainedGridError(
                node,
                "it has its channels last, which no float operator of ONNX has",
                hint="quantize the model to pairs of QuantizeLinear and DequantizeLinear",
            )
        _finish(state, node, kind, [state.read(node, 0, (1, 2))], (3, 4), keep)

    return convert


def _softmax(state: State, node: Any) -> None:
    numbers = {item.name: int(item.i) for item in node.attribute}
    if numbers.get("opset", 1) < _FLAT_SOFTMAX and numbers.get("axis", -1) not in (-1, 1):
        raise TrainedGridError(
            node,
            "it is the Softmax before opset 13, over several axes at once",
            hint="export the float model with opset 13 or newer and quantize it again",
        )
    _finish(state, node, "Softmax", [state.read(node, 0, (1, 2))], (3, 4), ("axis",))


def _concat(state: State, node: Any) -> None:
    positions = range(2, len(node.input), 3)
    inputs = [state.read(node, place, (place + 1, place + 2)) for place in positions]
    _finish(state, node, "Concat", inputs, (0, 1), ("axis",))


def _finish(
    state: State,
    node: Any,
    kind: str,
    inputs: list[str],
    slot: tuple[int, int],
    keep: tuple[str, ...] = (),
) -> None:
    output = node.output[0]
    state.emit(node, kind, inputs, output, keep)
    state.write(node, read_grid(node, state.constants, slot, "uint8", None), output, output)


def _weights(state: State, node: Any, position: int, axis: int) -> str:
    """Return the float tensor of weights, whose scales lie along an axis that the operator has."""
    name = node.input[position]
    codes = state.constants.get(name)
    if codes is None:
        return state.read(node, position, (position + 1, position + 2))
    plain = read_grid(node, state.constants, (position + 1, position + 2), codes.dtype.name, None)
    grid = TrainedGrid(plain.scales, plain.zero_points, codes.dtype.name, axis % codes.ndim)
    return state.constant(node, name, grid)


def _bias(
    state: State, node: Any, position: int, scales: tuple[int, int], alpha: float = 1.0
) -> str:
    """Return the float tensor of a bias, whose scales are ``alpha`` times the others' products."""
    parts = [np.asarray(state.constants[node.input[place]], np.float32) for place in scales]
    product = parts[0].reshape(-1) * parts[1].reshape(-1) * np.float32(alpha)
    if node.input[position] not in state.constants:
        raise TrainedGridError(node, "its bias is computed", hint="give it a constant bias")
    return state.constant(node, node.input[position], grid_from(node, product, None, "int32", 0))


OPERATORS: dict[str, Callable[[State, Any], None]] = {
    "QLinearConv": _conv,
    "QLinearMatMul": _matmul,
    "QGemm": _gemm,
    "QLinearAdd": _binary("Add"),
    "QLinearMul": _binary("Mul"),
    "QLinearAveragePool": _unary("AveragePool", (*_WINDOW, "strides")),
    "QLinearGlobalAveragePool": _unary("GlobalAveragePool"),
    "QLinearLeakyRelu": _unary("LeakyRelu", ("alpha",)),
    "QLinearSigmoid": _unary("Sigmoid"),
    "QLinearSoftmax": _softmax,
    "QLinearConcat": _concat,
}
