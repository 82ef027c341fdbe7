"""Where infinities of the source would come out as the largest float."""

import numpy as np

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode

__all__ = ["refuse_saturated_outputs"]

_SATURATING = frozenset("Add Sub Sum Mul".split())
_MOVING = frozenset(
    "Cast CastLike Concat Expand Flatten Gather Identity Max Min Pad ReduceMax ReduceMin Reshape "
    "Slice Split Squeeze Tile Transpose Unsqueeze Where".split()
)
_COMPARING = frozenset("Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual".split())


def refuse_saturated_outputs(graph: SourceGraph) -> None:
    """Refuse outputs and comparisons of known infinities which arithmetic has passed on.

    TFLite's arithmetic saturates at the largest float. Behind a softmax that is the same;
    as an output of the model, or compared with infinity, it is not.

    Raises:
        RefusedError: There is such an output or comparison.
    """
    infinite = {
        name
        for name, values in graph.constants.items()
        if values.dtype.kind == "f" and np.isinf(values).any()
    }
    saturated: dict[str, SourceNode] = {}
    for node in graph.nodes:
        found = [saturated[name] for name in node.inputs if name in saturated]
        if node.kind in _COMPARING and found:
            raise _refused(found[0], f"{node.label} compares")
        if node.kind in _SATURATING and (found or infinite.intersection(node.inputs)):
            saturated.update(dict.fromkeys(node.outputs, node))
        elif node.kind in _MOVING:
            infinite.update(node.outputs if infinite.intersection(node.inputs) else ())
            saturated.update(dict.fromkeys(node.outputs, found[0]) if found else {})
    for name in graph.outputs:
        if name in saturated:
            raise _refused(saturated[name], f"output '{name}' shows")


def _refused(node: SourceNode, use: str) -> RefusedError:
    return RefusedError(
        node,
        f"it adds infinities that {use}, and TFLite saturates",
        hint="use a large finite number instead of infinity, or drop what needs infinity",
    )
