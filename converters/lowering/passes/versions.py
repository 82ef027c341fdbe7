"""Operator versions: the lowest that has what an operator uses."""

from collections.abc import Callable

from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.graph.data_type import DataType

__all__ = ["set_versions"]


def set_versions(builder: GraphBuilder) -> None:
    """Raise every operator's version to what its types, ranks and options need.

    Requires a graph without quantized numbers. Source: TensorFlow's
    ``lite/tools/versioning/op_version.cc``.
    """
    for node in builder.nodes:
        rule = _RULES.get(node.kind)
        if rule is not None:
            node.version = max(node.version, rule(node))


def _dtype(node: Node) -> DataType:
    return next(iter(node.reads())).dtype


def _rank(node: Node) -> int:
    return max(len(value.shape) for value in node.reads())


def _broadcasts_far(node: Node) -> bool:
    shapes = {value.shape for value in node.reads()}
    return len(shapes) > 1 and _rank(node) > 4


def _fully_connected(node: Node) -> int:
    if len(node.inputs) < 3 or node.inputs[2] is None:
        return 6
    return 5 if node.options.get("keep_num_dims") else 1


def _depthwise(node: Node) -> int:
    dilations = (node.options.get(f"dilation_{side}_factor", 1) for side in "hw")
    return 2 if max(dilations) > 1 else 1


def _grouped(node: Node) -> int:
    value, weights = node.inputs[:2]
    assert value is not None
    assert weights is not None
    return 6 if value.shape[-1] != weights.shape[-1] else 1


def _transposed(node: Node) -> int:
    if node.options.get("fused_activation_function"):
        return 4
    return 3 if len(node.inputs) > 3 and node.inputs[3] is not None else 1


def _bilinear(node: Node) -> int:
    return 3 if node.options.get("half_pixel_centers") else 1


def _nearest(node: Node) -> int:
    moved = node.options.get("half_pixel_centers") or node.options.get("align_corners")
    return 3 if moved else 1


def _by_type(versions: dict[DataType, int]) -> Callable[[Node], int]:
    return lambda node: versions.get(_dtype(node), 1)


_RULES: dict[str, Callable[[Node], int]] = {
    "ABS": _by_type({DataType.INT32: 5}),
    "ADD": _by_type({DataType.INT64: 4}),
    "ARG_MAX": _by_type({DataType.BOOL: 3}),
    "ARG_MIN": _by_type({DataType.BOOL: 3}),
    "BROADCAST_TO": lambda _: 2,
    "CONV_2D": _grouped,
    "DEPTHWISE_CONV_2D": _depthwise,
    "DIV": lambda node: 2 if _broadcasts_far(node) else 1,
    "FLOOR_DIV": _by_type({DataType.FLOAT32: 2}),
    "FULLY_CONNECTED": _fully_connected,
    "GATHER": _by_type({DataType.BOOL: 3}),
    "GATHER_ND": _by_type({DataType.BOOL: 5}),
    "MAXIMUM": lambda node: 3 if _broadcasts_far(node) else 1,
    "MINIMUM": lambda node: 3 if _broadcasts_far(node) else 1,
    "MUL": _by_type({DataType.INT64: 5}),
    "RESIZE_BILINEAR": _bilinear,
    "RESIZE_NEAREST_NEIGHBOR": _nearest,
    "REVERSE_V2": _by_type({DataType.BOOL: 2}),
    "SIGN": _by_type({DataType.INT32: 2}),
    "SUB": lambda node: 4 if _dtype(node) is DataType.INT64 else 3 if _broadcasts_far(node) else 1,
    "TRANSPOSE_CONV": _transposed,
}
