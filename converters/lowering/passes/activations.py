"""Activations go into the operators before them."""

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.passes.matching import Matcher, activation_of

__all__ = ["fuse_activations"]

_ACTIVATIONS = {"RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}  # the schema's ActivationFunctionType
_FUSIBLE = tuple(
    "ADD AVERAGE_POOL_2D CONV_2D CONV_3D DEPTHWISE_CONV_2D DIV FULLY_CONNECTED MAX_POOL_2D MUL "
    "SUB".split()
)


def fuse_activations(builder: GraphBuilder) -> bool:
    """Put RELU and RELU6 into the operator before them.

    Requires that nobody else reads its output. Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in list(builder.nodes):
        if node.kind not in _ACTIVATIONS:
            continue
        maker = matcher.private_maker(node.inputs[0], node, _FUSIBLE)
        if maker is None or activation_of(maker) or maker.outputs[0].dtype is not DataType.FLOAT32:
            continue
        maker.options["fused_activation_function"] = _ACTIVATIONS[node.kind]
        maker.outputs = node.outputs
        builder.nodes.remove(node)
        changed, matcher = True, Matcher(builder)
    return changed
