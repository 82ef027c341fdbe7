"""Cast and CastLike between the types that LiteRT computes with."""

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_TYPES = frozenset(
    [
        DataType.BOOL,
        DataType.FLOAT32,
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.UINT8,
    ]
)


@lowers("Cast", "CastLike")
def cast(context: Lowering, node: SourceNode) -> None:
    """Lower a conversion; from float to integer both drop the fraction."""
    source, name = node.inputs[0], node.outputs[0]
    axes = context.axes(source)
    value = context.get(source, axes)
    dtype = context.dtype(name)
    for kind in (value.dtype, dtype):
        if kind not in _TYPES:
            raise RefusedError(
                node,
                f"LiteRT does not compute with {kind.value.lower()}",
                hint="export the model in float32 and int32 or int64",
            )
    if dtype is not value.dtype:
        value = context.emit("CAST", [value], value.shape, dtype=dtype)
    context.set(name, value, axes)
