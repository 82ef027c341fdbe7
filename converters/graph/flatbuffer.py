"""TFLite files as schema objects: unpack bytes, pack bytes, keep data aligned."""

from typing import Any

from edgekit.errors import EdgekitError

__all__ = ["FILE_IDENTIFIER", "MalformedModelError", "pack_model", "unpack_model"]

FILE_IDENTIFIER = b"TFL3"
_DATA_ALIGNMENT = 16  # `force_align` of Buffer.data in TFLite's schema.fbs


class MalformedModelError(EdgekitError):
    """Bytes that are not a whole TFLite model."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"not a TFLite model: {reason}",
            hint="is the file complete? a .tflite file has 'TFL3' at byte 4",
        )
        self.reason = reason


def unpack_model(content: bytes) -> Any:
    """Return the schema's ``ModelT`` of a TFLite file.

    Raises:
        MalformedModelError: Garbage or truncated. The interpreter would crash on such a file,
            so this comes before every load of a file that is not ours.
    """
    from ai_edge_litert import schema_py_generated as schema

    if len(content) < 8 or content[4:8] != FILE_IDENTIFIER:
        raise MalformedModelError("the file identifier is missing")
    try:
        model = schema.ModelT.InitFromPackedBuf(content)
    except Exception as error:  # any broken offset can surface as any error
        raise MalformedModelError(f"damaged flatbuffer ({type(error).__name__})") from error
    if not model.subgraphs or not model.buffers:
        raise MalformedModelError("it holds no subgraph")
    for buffer in model.buffers:
        if buffer.offset > 1 and buffer.offset + buffer.size > len(content):
            raise MalformedModelError("its weights are cut off")
    return model


def pack_model(model: Any) -> bytes:
    """Return the bytes of a ``ModelT``.

    The generated Python code ignores the schema's alignment of constant data, on which
    kernels rely; this keeps it.
    """
    import flatbuffers

    model.buffers = [_AlignedBuffer(buffer) for buffer in model.buffers]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())


class _AlignedBuffer:
    """Packs like the schema's ``BufferT``, with the alignment that the schema demands."""

    def __init__(self, buffer: Any) -> None:
        self.data, self.offset, self.size = buffer.data, buffer.offset, buffer.size

    def Pack(self, builder: Any) -> Any:  # noqa: N802 - the name the generated code calls
        from ai_edge_litert import schema_py_generated as schema

        vector = None if self.data is None else self._vector(builder, bytes(self.data))
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        schema.BufferAddOffset(builder, self.offset)
        schema.BufferAddSize(builder, self.size)
        return schema.BufferEnd(builder)

    @staticmethod
    def _vector(builder: Any, data: bytes) -> Any:
        builder.StartVector(1, len(data), _DATA_ALIGNMENT)
        builder.head -= len(data)
        builder.Bytes[builder.head : builder.head + len(data)] = data
        return builder.EndVector()
