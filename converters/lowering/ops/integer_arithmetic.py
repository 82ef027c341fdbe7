"""Operators that compute on integers; the intake rewrites those whose grids are constant."""

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul")
def integer_arithmetic(_: Lowering, node: SourceNode) -> None:
    """Refuse what is left: its scales are computed, or its integers come from outside."""
    raise RefusedError(
        node,
        "it computes on integers whose scales are not constants of the model",
        hint="export the float model, or one with constant scales and zero points",
    )
