"""How many trained scales and integers of an ONNX file are in a TFLite file, bit for bit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.converters.graph import DataType, Graph, read_graph

__all__ = ["Survival", "count_survivors", "first_failure"]

_OUTPUTS = {  # positions of the output's scale and zero point
    "QuantizeLinear": (1, 2),
    "QLinearConv": (6, 7),
    "QGemm": (7, 8),
    "QLinearAdd": (6, 7),
    "QLinearMul": (6, 7),
    "QLinearAveragePool": (3, 4),
    "QLinearSoftmax": (3, 4),
}
_UNSIGNED = 128  # what zero points of unsigned integers lose


@dataclass(frozen=True, slots=True)
class Survival:
    """What is left, and what there was.

    Attributes:
        activations: Scales with their zero points.
        weights: Tensors of which every scale and every integer is there.
    """

    activations: tuple[int, int]
    weights: tuple[int, int]


def count_survivors(given: Path, tflite: bytes | None) -> Survival:
    """Look for every trained grid of an ONNX file in a TFLite file; None for one that is not."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(given).graph
    known = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    activations = []
    for node in graph.node:
        at = _OUTPUTS.get(node.op_type)
        if at and len(node.input) > at[0]:
            scale, point = (known[node.input[place]] for place in at)
            shift = _UNSIGNED if point.dtype == np.uint8 else 0
            activations.append((np.float32(scale), int(point) - shift))
    weights = [
        (np.sort(codes, axis=None), set(known[name.removesuffix("_quantized") + "_scale"].flat))
        for name, codes in known.items()
        if codes.dtype == np.int8 and name.endswith("_quantized")
    ]
    if tflite is None:
        return Survival((0, len(activations)), (0, len(weights)))
    return _look(read_graph(tflite), activations, weights)


def _look(graph: Graph, activations: list[Any], weights: list[Any]) -> Survival:
    grids, constants = set(), []
    for tensor in graph.main.tensors:
        quantization = tensor.quantization
        if quantization is None:
            continue
        pairs = zip(quantization.scales, quantization.zero_points, strict=True)
        grids |= {(np.float32(scale), point) for scale, point in pairs}
        if tensor.data is not None and tensor.dtype is DataType.INT8:
            codes = np.sort(np.frombuffer(tensor.data, np.int8))
            constants.append((codes, {np.float32(scale) for scale in quantization.scales}))
    there = sum(
        any(np.array_equal(codes, other) and scales == given for other, given in constants)
        for codes, scales in weights
    )
    held = sum(pair in grids for pair in activations)
    return Survival((held, len(activations)), (there, len(weights)))


def first_failure(tflite: bytes) -> str:
    """Return why LiteRT cannot load and run a model; nothing where it can."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=tflite)
        interpreter.allocate_tensors()
        for slot in interpreter.get_input_details():
            interpreter.set_tensor(slot["index"], np.zeros(slot["shape"], slot["dtype"]))
        interpreter.invoke()
    except (RuntimeError, ValueError) as error:
        return str(error).splitlines()[0].split(". ")[0]
    return ""
