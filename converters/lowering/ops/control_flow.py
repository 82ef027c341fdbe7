"""Control flow that is left after preparation: refused, with what would have to be constant."""

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.loops import MOST_NODES, Loop
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("If")
def branches(context: Lowering, node: SourceNode) -> None:  # noqa: ARG001
    """Refuse an If whose condition is not constant; others are inlined before lowering.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(
        node,
        "its condition is computed while the model runs",
        hint="export the model with one branch, or compute both and choose with Where",
    )


@lowers("Loop")
def loop(context: Lowering, node: SourceNode) -> None:
    """Refuse a Loop whose number of passes is not constant, or that is too long.

    Others are written out before lowering, to at most 4096 nodes in a model.

    Raises:
        RefusedError: Always.
    """
    constants = {name: np.asarray(values) for name, values in context.source.constants.items()}
    known = Loop(node.inputs, node.attributes["body"], constants)
    reason = known.obstacle or f"with the loops before it, it is more than {MOST_NODES} nodes"
    raise RefusedError(
        node, reason, hint="export the model with a short loop of a constant number of passes"
    )
