"""Reductions over axes, in whatever order the axes stand."""

from collections.abc import Callable

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.kernels import NARROW
from edgekit.converters.lowering.orders import kept_axes, positions_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

Fold = Callable[[str, Formula], Formula]

_FORMULAS: dict[str, Callable[[Fold, Formula], Formula]] = {
    "ReduceL1": lambda fold, x: fold("SUM", _magnitude(x)),
    "ReduceL2": lambda fold, x: fold("SUM", x * x).unary("SQRT"),
    "ReduceLogSum": lambda fold, x: fold("SUM", x).unary("LOG"),
    "ReduceMax": lambda fold, x: fold(_of_type(x, "REDUCE_MAX", "REDUCE_ANY"), x),
    "ReduceMean": lambda fold, x: fold("MEAN", x),
    "ReduceMin": lambda fold, x: fold(_of_type(x, "REDUCE_MIN", "REDUCE_ALL"), x),
    "ReduceProd": lambda fold, x: fold("REDUCE_PROD", x),
    "ReduceSum": lambda fold, x: fold("SUM", x),
    "ReduceSumSquare": lambda fold, x: fold("SUM", x * x),
}


@lowers(*_FORMULAS, "ReduceLogSumExp")
def reduction(context: Lowering, node: SourceNode) -> None:
    """Lower a reduction; axes are an attribute in old opsets and an input in new ones."""
    name = node.inputs[0]
    rank = context.rank(name)
    if 0 in context.shape(name):
        raise RefusedError(node, "it reduces a tensor without elements")
    reduced = _reduced_axes(context, node, rank)
    keep = bool(node.integer("keepdims", 1))
    axes = context.axes(name)
    positions = positions_of(axes, reduced)
    x = Formula(context, context.get(name, axes))
    dtype = x.value.dtype
    if dtype in NARROW:
        x = x.cast(DataType.INT32)

    def fold(kind: str, y: Formula, *, keep: bool = keep) -> Formula:
        return y.reduce(kind, positions, keep=keep) if positions else y

    if node.kind == "ReduceLogSumExp":
        largest = fold("REDUCE_MAX", x, keep=True)
        total = fold("SUM", (x - largest).unary("EXP")).unary("LOG")
        result = total + largest.reshape(total.value.shape)
    else:
        result = _FORMULAS[node.kind](fold, x)
    left = axes if keep else kept_axes(axes, reduced)
    context.set(node.outputs[0], result.cast(dtype).value, left)


def _reduced_axes(context: Lowering, node: SourceNode, rank: int) -> tuple[int, ...]:
    given = node.integers("axes", ())
    if node.has(1):
        given = tuple(context.required_constant(node, 1).reshape(-1).tolist())
    if not given and not node.integer("noop_with_empty_axes", 0):
        given = tuple(range(rank))
    return tuple(sorted({axis % rank for axis in given}))


def _magnitude(x: Formula) -> Formula:
    return x.unary("ABS") if x.value.dtype.is_float else x.binary("MAXIMUM", x.unary("NEG"))


def _of_type(x: Formula, number: str, truth: str) -> str:
    return truth if x.value.dtype is DataType.BOOL else number
