"""Which types LiteRT's kernels compute with, as far as they need no quantization."""

from collections.abc import Sequence
from functools import cache

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.device_profiles import RuntimeSupport, load_runtime

__all__ = ["NARROW", "require_kernel", "require_type"]

NARROW = frozenset([DataType.INT8, DataType.INT16, DataType.UINT8])
"""Types that arithmetic kernels take for quantized numbers; as plain integers they are widened."""

_DATA = {
    "EMBEDDING_LOOKUP": 1,
    "ONE_HOT": 2,
    "SCATTER_ND": 1,
    "SELECT_V2": 1,
    "SPLIT": 1,
    "TRANSPOSE_CONV": 2,
}
"""Which input carries the data, where it is not the first."""


def require_kernel(
    node: SourceNode | None, kind: str, dtype: DataType, *, moves: bool = False
) -> None:
    """Check that a kernel computes with plain numbers of this type.

    Args:
        node: What is lowered.
        kind: The kernel.
        dtype: Of the data.
        moves: Whether it only moves data, so that what the numbers stand for does not matter.

    Raises:
        RefusedError: It does not.
    """
    takes = _litert().dtypes_of(kind)
    plain = moves or dtype not in NARROW
    if node is None or (plain and (takes is None or dtype.numpy in takes)):
        return
    raise _refused(node, kind, dtype)


def require_type(node: SourceNode | None, kind: str, inputs: Sequence[Value | None]) -> None:
    """Check that there is a kernel for the type of an operator's data, quantized or not.

    Raises:
        RefusedError: There is none.
    """
    value = inputs[_DATA.get(kind, 0)]
    takes = _litert().dtypes_of(kind)
    if node is None or value is None or takes is None or value.dtype.numpy in takes:
        return
    raise _refused(node, kind, value.dtype)


def _refused(node: SourceNode, kind: str, dtype: DataType) -> RefusedError:
    wide = dtype in (DataType.FLOAT16, DataType.FLOAT64, DataType.BFLOAT16)
    return RefusedError(
        node,
        f"TFLite's {kind} does not compute with {dtype.value.lower()}",
        hint="export the model in float32" if wide else "cast to int32 or float32 before it",
    )


@cache
def _litert() -> RuntimeSupport:
    return load_runtime("litert")
