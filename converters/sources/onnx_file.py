"""Read an `.onnx` file as a source."""

from pathlib import Path

from edgekit.converters.sources.base import SourceModel, first_line
from edgekit.converters.sources.canonical import canonicalise
from edgekit.converters.sources.shapes import InputShapes
from edgekit.errors import UnreadableFileError

__all__ = ["read_onnx"]


def read_onnx(path: Path, input_shapes: InputShapes) -> SourceModel:
    """Read and check an ONNX model.

    Raises:
        UnreadableFileError: Not a file, not ONNX, truncated, or external data is missing.
        SourceError: The model is invalid or has dynamic dimensions other than the batch.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(path))
    except (DecodeError, OSError, onnx.checker.ValidationError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise UnreadableFileError(
            path,
            f"not a readable ONNX model ({reason or first_line(error)})",
            hint="is the file complete? external weights must lie beside it",
        ) from error
    if not model.graph.node:
        raise UnreadableFileError(path, "the ONNX file holds no operators", hint="is it truncated?")
    return canonicalise(model, kind="onnx", name=path.name, input_shapes=input_shapes)
