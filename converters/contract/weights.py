"""Which input of an operator holds its weights."""

from edgekit.converters.graph import Operator, Subgraph, Tensor

__all__ = ["weights_of"]

# Their second input.
_WEIGHTED = frozenset(
    ["CONV_2D", "CONV_3D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"]
)


def weights_of(operator: Operator, subgraph: Subgraph) -> Tensor | None:
    """Return the weights of a convolution or fully connected layer, None for others."""
    if operator.kind not in _WEIGHTED or len(operator.inputs) < 2 or operator.inputs[1] < 0:
        return None
    return subgraph.tensors[operator.inputs[1]]
