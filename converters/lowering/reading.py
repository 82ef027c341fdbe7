"""Read what one opset says as an attribute and another as an input."""

from collections.abc import Sequence

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["integers_of"]


def integers_of(
    context: Lowering, node: SourceNode, position: int, default: Sequence[int] = ()
) -> tuple[int, ...]:
    """Return an input that holds integers and has to be constant, the default where absent.

    Raises:
        RefusedError: It is computed.
    """
    if not node.has(position):
        return tuple(default)
    return tuple(int(item) for item in context.required_constant(node, position).reshape(-1))
