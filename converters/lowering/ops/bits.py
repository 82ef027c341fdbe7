"""Operators over bits, as far as TFLite's kernels or plain arithmetic express them."""

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.broadcasting import align, common_axes
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula, over_elements
from edgekit.converters.lowering.kernels import NARROW
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("BitwiseNot")
def bitwise_not(context: Lowering, node: SourceNode) -> None:
    """Lower ``~x`` as ``-1 - x``, which two's complement makes the same."""
    over_elements(context, node, lambda x: -1 - x)


@lowers("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def bitwise(context: Lowering, node: SourceNode) -> None:
    """Lower a bitwise operator of integers of up to 16 bits, XOR of up to 32.

    AND is ``(a + b - (a ^ b)) / 2`` and OR is ``a + b - (a & b)``; both need a spare bit.
    """
    first, second, axes = _operands(context, node)
    dtype = first.value.dtype
    if node.kind != "BitwiseXor" and dtype not in NARROW:
        raise RefusedError(
            node,
            f"TFLite has no kernel for it on {dtype.value.lower()}",
            hint="cast to int16 before it where the numbers allow it",
        )
    first, second = _wide(node, first), _wide(node, second)
    result = first.binary("BITWISE_XOR", second)
    if node.kind != "BitwiseXor":
        both = (first + second - result).binary("RIGHT_SHIFT", 1)
        result = both if node.kind == "BitwiseAnd" else first + second - both
    context.set(node.outputs[0], result.cast(dtype).value, axes)


@lowers("BitShift")
def shift(context: Lowering, node: SourceNode) -> None:
    """Lower a shift of uint8; to the left it is a product with a power of two.

    Shifts by 8 or more push every bit out.
    """
    first, second, axes = _operands(context, node)
    dtype = first.value.dtype
    if dtype is not DataType.UINT8:
        raise RefusedError(node, f"TFLite's kernels do not shift {dtype.value.lower()}")
    first, second = first.cast(DataType.INT32), second.cast(DataType.INT32)
    capped = second.binary("MINIMUM", 8)
    if node.text("direction", "") == "RIGHT":
        result = first.binary("RIGHT_SHIFT", capped)
    else:
        two = Formula(context, context.builder.integers([2], "two"))
        result = first * two.binary("POW", capped)
    context.set(node.outputs[0], result.cast(dtype).value, axes)


def _operands(context: Lowering, node: SourceNode) -> tuple[Formula, Formula, tuple[int, ...]]:
    axes = common_axes(context, node.inputs, context.rank(node.outputs[0]))
    first, second = (Formula(context, align(context, name, axes)) for name in node.inputs)
    return first, second, axes


def _wide(node: SourceNode, term: Formula) -> Formula:
    dtype = term.value.dtype
    if dtype not in NARROW and dtype is not DataType.INT32:
        raise RefusedError(node, f"TFLite's BITWISE_XOR does not take {dtype.value.lower()}")
    return term.cast(DataType.INT32)
