"""How many multiply-accumulates convolutions, dense layers and products of matrices take."""

import math

from edgekit.converters.graph.model import Operator, Subgraph

__all__ = ["operator_macs", "subgraph_macs"]


def subgraph_macs(main: Subgraph) -> int:
    """Return the multiply-accumulates of one inference, in every type; padding counts as data."""
    return sum(operator_macs(operator, main) for operator in main.operators)


def operator_macs(operator: Operator, main: Subgraph) -> int:
    """Return the multiply-accumulates of an operator, 0 for other kinds; padding counts as data."""
    shapes = [main.tensors[index].shape if index >= 0 else () for index in operator.inputs]
    written = math.prod(main.tensors[operator.outputs[0]].shape)
    match operator.kind:
        case "CONV_2D":
            return written * math.prod(shapes[1][1:])
        case "CONV_3D":
            return written * math.prod(shapes[1][:-1])
        case "DEPTHWISE_CONV_2D":
            return written * math.prod(shapes[1][1:3])
        case "FULLY_CONNECTED":
            return written * shapes[1][-1]
        case "TRANSPOSE_CONV":
            return math.prod(shapes[2]) * math.prod(shapes[1][:3])
        case "BATCH_MATMUL":
            return written * shapes[0][-2 if operator.options.get("adj_x") else -1]
    return 0
