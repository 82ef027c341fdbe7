"""What is wrong with quantization in a source, by the node that has it."""

from typing import Any

from edgekit.converters.sources.base import SourceError

__all__ = ["TrainedGridError", "label_of"]


class TrainedGridError(SourceError):
    """A quantized node that means nothing, or nothing that a float graph could compute."""

    def __init__(self, node: Any, problem: str, *, hint: str) -> None:
        super().__init__(f"{label_of(node)}: {problem}", hint=hint)


def label_of(node: Any) -> str:
    """Return how messages call an ONNX node."""
    return f"{node.op_type} '{node.name or next(filter(None, node.output), '')}'"
