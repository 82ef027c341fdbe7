"""Refuse wrong scales and zero points before anything runs the model, by the node's name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgekit.converters.sources.base import SourceError, first_line
from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.grids import Constants, read_grid, require_lengths

__all__ = ["QUANTIZED", "block_size", "check_grids", "known_tensors"]

# Operator -> positions of scale, zero point and the tensor that they are of (None: its output).
_Slot = tuple[int, int, int | None]
QUANTIZED: Mapping[str, tuple[_Slot, ...]] = {
    "QuantizeLinear": ((1, 2, None),),
    "DequantizeLinear": ((1, 2, 0),),
    "QLinearConv": ((1, 2, 0), (4, 5, 3), (6, 7, None)),
    "QLinearMatMul": ((1, 2, 0), (4, 5, 3), (6, 7, None)),
    "QGemm": ((1, 2, 0), (4, 5, 3)),
    "QLinearAdd": ((1, 2, 0), (4, 5, 3), (6, 7, None)),
    "QLinearMul": ((1, 2, 0), (4, 5, 3), (6, 7, None)),
    "QLinearAveragePool": ((1, 2, 0), (3, 4, None)),
    "QLinearGlobalAveragePool": ((1, 2, 0), (3, 4, None)),
    "QLinearLeakyRelu": ((1, 2, 0), (3, 4, None)),
    "QLinearSigmoid": ((1, 2, 0), (3, 4, None)),
    "QLinearSoftmax": ((1, 2, 0), (3, 4, None)),
}
_OTHERS = frozenset(["ConvInteger", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConcat"])
_DOMAINS = ("", "ai.onnx", "com.microsoft")


def known_tensors(graph: Any) -> dict[str, Any]:
    """Return initializers and the values of Constant nodes by name."""
    from onnx import numpy_helper

    try:
        known = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    except (ValueError, TypeError) as error:
        raise SourceError(f"a constant cannot be read: {first_line(error)}") from error
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in _DOMAINS:
            for item in node.attribute:
                if item.name == "value":
                    known[node.output[0]] = numpy_helper.to_array(item.t)
                elif item.name in ("value_float", "value_floats"):
                    values = item.f if item.name == "value_float" else list(item.floats)
                    known[node.output[0]] = np.array(values, np.float32)
                elif item.name in ("value_int", "value_ints"):
                    values = item.i if item.name == "value_int" else list(item.ints)
                    known[node.output[0]] = np.array(values, np.int64)
    return known


def check_grids(graph: Any) -> bool:
    """Refuse quantization that means nothing; tell whether there is any.

    Args:
        graph: An ``onnx.GraphProto``.

    Raises:
        TrainedGridError: A scale is zero, negative, infinite or no number, a zero point is out
            of range or of another type than the integers, or lengths do not go together.
    """
    nodes = [
        node
        for node in graph.node
        if node.domain in _DOMAINS and (node.op_type in QUANTIZED or node.op_type in _OTHERS)
    ]
    constants = known_tensors(graph) if nodes else {}
    for node in nodes:
        for slot in QUANTIZED.get(node.op_type, ()):
            _check(node, slot, constants)
    return bool(nodes)


def _check(node: Any, slot: _Slot, constants: Constants) -> None:
    at_scale, at_point, at_tensor = slot
    if node.input[at_scale] not in constants:
        return  # computed: the intake says what that means where it matters
    tensor = None if at_tensor is None else constants.get(node.input[at_tensor])
    point = constants.get(node.input[at_point]) if at_point < len(node.input) else None
    if tensor is not None and point is not None and point.dtype != tensor.dtype:
        raise TrainedGridError(
            node,
            f"its zero point is {point.dtype.name} and its integers are {tensor.dtype.name}",
            hint="give both the same type",
        )
    outside = [] if point is None or point.dtype != np.int32 else point[point != 0].tolist()
    if outside or (point is not None and point.dtype == np.int32 and tensor is None):
        raise TrainedGridError(
            node,
            f"its zero point {next(iter(outside), 0)} is int32; of a bias it is 0, and other "
            "tensors have 16 bits at most",
            hint="export or quantize the model again",
        )
    own_axis = node.op_type in ("QuantizeLinear", "DequantizeLinear") and not block_size(node)
    rank = tensor.ndim if own_axis and tensor is not None else None
    dtype = "uint8" if tensor is None else tensor.dtype.name
    grid = read_grid(node, constants, (at_scale, at_point), dtype, rank)
    if rank is not None and tensor is not None:
        require_lengths(node, tensor.shape, grid)


def block_size(node: Any) -> int:
    """Return how many values along the axis share a scale, 0 where all do."""
    return next((int(item.i) for item in node.attribute if item.name == "block_size"), 0)
