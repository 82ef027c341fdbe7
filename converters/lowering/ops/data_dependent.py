"""Operators whose output's shape depends on values: refused by name."""

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("ConstantOfShape", "NonZero", "Range", "Unique")
def data_dependent(context: Lowering, node: SourceNode) -> None:  # noqa: ARG001
    """Refuse what is left of these after constants are folded.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(
        node,
        "the shape of its output depends on values that are computed while the model runs",
        hint="export the model with fixed sizes, or move this operator behind the model",
    )
