"""The operator versions that integer types ask for.

Source: TensorFlow's `tensorflow/lite/tools/versioning/op_version.cc`.
"""

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.graph.data_type import DataType

__all__ = ["set_versions"]

_INT8 = {
    "ADD": 2,
    "AVERAGE_POOL_2D": 2,
    "CONCATENATION": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "DEPTH_TO_SPACE": 1,
    "DEQUANTIZE": 2,
    "FULLY_CONNECTED": 4,
    "GATHER": 2,
    "LEAKY_RELU": 2,
    "LOGISTIC": 2,
    "MAXIMUM": 2,
    "MAX_POOL_2D": 2,
    "MEAN": 2,
    "MINIMUM": 2,
    "MUL": 2,
    "PACK": 2,
    "PAD": 2,
    "PADV2": 2,
    "RELU": 2,
    "RELU6": 2,
    "RESIZE_BILINEAR": 2,
    "RESIZE_NEAREST_NEIGHBOR": 2,
    "SLICE": 2,
    "SOFTMAX": 2,
    "SPACE_TO_DEPTH": 2,
    "SPLIT": 2,
    "STRIDED_SLICE": 2,
    "SUB": 2,
    "SUM": 2,
    "TANH": 2,
    "TRANSPOSE": 2,
    "TRANSPOSE_CONV": 2,
}
_INT16 = {"CONV_2D": 4, "DEPTHWISE_CONV_2D": 5, "FULLY_CONNECTED": 7, "SOFTMAX": 3}


def set_versions(builder: GraphBuilder) -> None:
    """Raise the version of every operator to what its integer types ask for."""
    for node in builder.nodes:
        dtypes = {value.dtype for value in (*node.reads(), *node.outputs)}
        if DataType.INT8 in dtypes:
            node.version = max(node.version, _INT8.get(node.kind, 1))
        if DataType.INT16 in dtypes:
            node.version = max(node.version, _INT16.get(node.kind, 1))
