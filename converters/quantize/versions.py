"""The operator versions that integer types ask for.

Source: TensorFlow's `tensorflow/lite/tools/versioning/op_version.cc`.
"""

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.graph.data_type import DataType

__all__ = ["set_versions"]

_INT8 = {
    "ABS": 2,
    "ADD": 2,
    "ARG_MAX": 2,
    "ARG_MIN": 2,
    "AVERAGE_POOL_2D": 2,
    "BATCH_MATMUL": 2,
    "BATCH_TO_SPACE_ND": 2,
    "BROADCAST_TO": 3,
    "CAST": 3,
    "CONCATENATION": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "DEPTH_TO_SPACE": 1,  # of 2, which the reference kernels of LiteRT do not know
    "DEQUANTIZE": 2,
    "EQUAL": 2,
    "EXP": 2,
    "FULLY_CONNECTED": 4,
    "GATHER": 2,
    "GELU": 2,
    "GREATER": 2,
    "GREATER_EQUAL": 2,
    "L2_NORMALIZATION": 2,
    "LEAKY_RELU": 2,
    "LESS": 2,
    "LESS_EQUAL": 2,
    "LOGISTIC": 2,
    "LOG_SOFTMAX": 2,
    "MAXIMUM": 2,
    "MAX_POOL_2D": 2,
    "MEAN": 2,
    "MINIMUM": 2,
    "MIRROR_PAD": 2,
    "MUL": 2,
    "NOT_EQUAL": 2,
    "PACK": 2,
    "PAD": 2,
    "PADV2": 2,
    "REDUCE_MAX": 2,
    "REDUCE_MIN": 2,
    "RELU": 2,
    "RELU6": 2,
    "RESIZE_BILINEAR": 2,
    "RESIZE_NEAREST_NEIGHBOR": 2,
    "REVERSE_V2": 3,
    "RSQRT": 2,
    "SLICE": 2,
    "SOFTMAX": 2,
    "SPACE_TO_BATCH_ND": 2,
    "SPACE_TO_DEPTH": 2,
    "SPLIT": 2,
    "SPLIT_V": 2,
    "SQUARED_DIFFERENCE": 2,
    "STRIDED_SLICE": 2,
    "SUB": 2,
    "SUM": 2,
    "TANH": 2,
    "TILE": 3,
    "TOPK_V2": 2,
    "TRANSPOSE": 2,
    "TRANSPOSE_CONV": 2,
    "UNPACK": 2,
}
_INT16 = {
    "ABS": 3,
    "ADD": 3,
    "AVERAGE_POOL_2D": 3,
    "BATCH_MATMUL": 3,
    "BROADCAST_TO": 3,
    "CONCATENATION": 3,
    "CONV_2D": 4,
    "DEPTHWISE_CONV_2D": 5,
    "DEQUANTIZE": 3,
    "EQUAL": 4,
    "EXP": 2,
    "FULLY_CONNECTED": 7,
    "GATHER": 4,
    "GATHER_ND": 3,
    "GREATER_EQUAL": 3,
    "LEAKY_RELU": 2,
    "LESS": 3,
    "LOGISTIC": 3,
    "MAXIMUM": 4,
    "MAX_POOL_2D": 3,
    "MEAN": 3,
    "MINIMUM": 4,
    "MIRROR_PAD": 3,
    "MUL": 4,
    "PACK": 3,
    "PAD": 3,
    "PADV2": 3,
    "QUANTIZE": 2,
    "REDUCE_MAX": 3,
    "REDUCE_MIN": 3,
    "RELU": 3,
    "RELU6": 3,
    "RESIZE_BILINEAR": 4,
    "RESIZE_NEAREST_NEIGHBOR": 4,
    "SLICE": 4,
    "SOFTMAX": 3,
    "SPLIT": 4,
    "SUB": 5,
    "TANH": 3,
    "TRANSPOSE": 5,
    "UNPACK": 4,
}


_INT4_WEIGHTS = {"CONV_2D": 7, "DEPTHWISE_CONV_2D": 7, "FULLY_CONNECTED": 10}


def set_versions(builder: GraphBuilder) -> None:
    """Raise the version of every operator to what its integer types ask for."""
    for node in builder.nodes:
        dtypes = {value.dtype for value in (*node.reads(), *node.outputs)}
        if DataType.INT8 in dtypes:
            node.version = max(node.version, _INT8.get(node.kind, 1))
        if DataType.INT16 in dtypes:
            node.version = max(node.version, _INT16.get(node.kind, 1))
        if DataType.INT4 in dtypes:
            node.version = max(node.version, _INT4_WEIGHTS[node.kind])
