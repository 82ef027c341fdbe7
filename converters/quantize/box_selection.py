"""The selection of boxes stays in float: its kernel ranks and compares what no grid tells apart.

Boxes and scores are integers up to it. What decides between boxes (areas, overlaps, ranks of up to
thousands of boxes) is exact in float, and in 256 steps it would take other boxes.
"""

from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.graph.data_type import DataType

__all__ = ["box_selections"]

_KERNELS = ("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5")


def box_selections(builder: GraphBuilder) -> set[Node]:
    """Return the operators on float that come from the source nodes which select boxes."""
    found = {node for node in builder.nodes if node.kind in _KERNELS}
    origins = {_origin(node) for node in found} - {""}
    return found | {
        node for node in builder.nodes if _origin(node) in origins and _touches_float(node)
    }


def _origin(node: Node) -> str:
    return node.outputs[0].origin


def _touches_float(node: Node) -> bool:
    return any(value.dtype is DataType.FLOAT32 for value in (*node.reads(), *node.outputs))
