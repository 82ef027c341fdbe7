"""Declare the oldest opset under which a model means the same, so that every tool can read it."""

from collections.abc import Iterator
from typing import Any

__all__ = ["declare_settled_opset"]

_SETTLED_OPSET, _SETTLED_IR = 23, 11  # that went together
_NEWEST_RUN = 26  # by onnxruntime 1.31


def declare_settled_opset(model: Any) -> None:
    """Declare an opset that onnxruntime takes, in place, where the newest is not needed.

    An operator means the same under every opset from the one that defined it last. Ensures
    that the model declares no newer opset than its newest operator (but not less than 23).
    Operators that are newer than onnxruntime's are written in their older form by ONNX's
    version converter where that is exact; a model with others is left alone.

    Args:
        model: An ``onnx.ModelProto``.
    """
    from onnx import defs, version_converter

    entries = [item for item in model.opset_import if item.domain in ("", "ai.onnx")]
    if len(entries) != 1 or model.functions:
        return
    (entry,) = entries
    needed = _SETTLED_OPSET
    try:
        for node in _nodes(model.graph):
            if node.domain in ("", "ai.onnx"):
                needed = max(needed, defs.get_schema(node.op_type, entry.version).since_version)
    except (defs.SchemaError, TypeError):  # of no operator, or with a damaged name
        return
    if needed > _NEWEST_RUN:
        try:
            model.CopyFrom(version_converter.convert_version(model, _NEWEST_RUN))
        except (RuntimeError, version_converter.ConvertError):
            return
    else:
        entry.version = min(entry.version, needed)
    model.ir_version = min(model.ir_version, _SETTLED_IR)


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)
