"""Put TFLite Metadata (names, normalisation, labels) into a model file."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from edgekit.bundle import ImagePreprocessing, TensorSpec
from edgekit.converters.graph.flatbuffer import MalformedModelError, pack_model, unpack_model
from edgekit.errors import EdgekitError

__all__ = ["LABEL_FILE", "TfliteMetadataError", "with_files_of", "with_metadata"]

LABEL_FILE = "labels.txt"

_ENTRY_NAME = b"TFLITE_METADATA"
_METADATA_IDENTIFIER = b"M001"
# The lowest version of the metadata schema that has every field written here.
_MIN_PARSER_VERSION = "1.0.0"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold

# Field numbers below are those of tflite-support's metadata_schema.fbs, version 1.1.0.


class _Content(IntEnum):
    """Members of the union ContentProperties."""

    FEATURE = 1
    IMAGE = 2


class _ColorSpace(IntEnum):
    """Values of ColorSpaceType."""

    UNKNOWN = 0
    RGB = 1
    GRAYSCALE = 2


_NORMALIZATION = 1  # member of the union ProcessUnitOptions
_TENSOR_AXIS_LABELS = 2  # value of AssociatedFileType


class TfliteMetadataError(EdgekitError):
    """Metadata that does not fit the model, or a model that cannot carry it safely."""


def with_metadata(
    model: bytes,
    *,
    name: str,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    labels: Sequence[str],
) -> bytes:
    """Return the model with TFLite Metadata that describes its interface.

    Weights, operators, signatures and other metadata entries stay as they are. Metadata that
    is there already is replaced as a whole, together with the files packed after the model.
    Labels go into ``labels.txt`` in a zip appended to the model, as TFLite Metadata has it,
    and are tied to every output that has an axis of their number. The same arguments give
    the same bytes.

    Args:
        model: A ``.tflite`` file.
        name: Name of the model.
        inputs: One for each input of the model, in any order; matched by name.
        outputs: One for each output of the model, in any order; matched by name.
        labels: One for each class, or none.

    Raises:
        MalformedModelError: ``model`` is not a whole TFLite model.
        TfliteMetadataError: The model keeps data outside the part that is written again; names
            do not match; labels fit no output or span lines.
    """
    tree = unpack_model(model)
    if not _is_consistent(tree):
        raise MalformedModelError("an input, an output or an entry of metadata leads nowhere")
    _check_nothing_is_lost(tree)
    graph = tree.subgraphs[0]
    ordered_inputs = _in_file_order(graph, graph.inputs, inputs, "input")
    ordered_outputs = _in_file_order(graph, graph.outputs, outputs, "output")
    _check_labels(labels, outputs)
    _replace_entry(tree, _describe(name, ordered_inputs, ordered_outputs, len(labels)))
    packed = pack_model(tree)
    text = "".join(f"{label}\n" for label in labels).encode()
    return _append_files(packed, {LABEL_FILE: text}) if labels else packed


def with_files_of(model: bytes, source: bytes) -> bytes:
    """Return the model with the files that TFLite Metadata has packed after another model.

    Args:
        model: A ``.tflite`` file without such files, but with metadata that name them.
        source: The model that they come from.

    Raises:
        TfliteMetadataError: The files are damaged.
    """
    if not zipfile.is_zipfile(io.BytesIO(source)):
        return model
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise TfliteMetadataError(
            f"the files packed after the model are damaged: {error}",
            hint="pack them again with the tool that wrote the metadata",
        ) from error
    return _append_files(model, files)


def _is_consistent(tree: Any) -> bool:
    """Tell whether the indices that are followed here lead anywhere."""
    graph = tree.subgraphs[0]
    if graph.tensors is None or graph.inputs is None or graph.outputs is None:
        return False
    tensors = [int(index) for index in (*graph.inputs, *graph.outputs)]
    buffers = [entry.buffer for entry in tree.metadata or ()]
    return all(0 <= index < len(graph.tensors) for index in tensors) and all(
        index < len(tree.buffers) for index in buffers
    )


def _check_nothing_is_lost(tree: Any) -> None:
    """Refuse what reading and writing the flatbuffer would drop without a word."""
    operators = [op for graph in tree.subgraphs for op in graph.operators or ()]
    # The schema: an offset counts from the start of the file and is valid above 1.
    if any(buffer.offset > 1 for buffer in tree.buffers) or any(
        op.largeCustomOptionsOffset > 1 for op in operators
    ):
        raise TfliteMetadataError(
            "the model keeps weights outside its flatbuffer, as files above 2 GB do",
            hint="such a model cannot carry metadata; build it without",
        )
    unknown = {
        kind
        for op in operators
        for kind, options in (
            (op.builtinOptionsType, op.builtinOptions),
            (op.builtinOptions2Type, op.builtinOptions2),
        )
        if kind and options is None
    }
    if unknown:
        raise TfliteMetadataError(
            f"the model has operator options of unknown kinds: {sorted(unknown)}",
            hint="upgrade the package ai-edge-litert, whose schema is older than the model",
        )


def _in_file_order(
    graph: Any, indices: Sequence[int], specs: Sequence[TensorSpec], kind: str
) -> list[TensorSpec]:
    by_name = {spec.name: spec for spec in specs}
    names = [(graph.tensors[index].name or b"").decode(errors="replace") for index in indices]
    if sorted(names) != sorted(spec.name for spec in specs):
        raise TfliteMetadataError(
            f"the {kind}s described are not those of the model",
            details=(f"described: {', '.join(by_name)}", f"in the model: {', '.join(names)}"),
            hint=f"give one TensorSpec for each {kind}, under the name it has in the file",
        )
    return [by_name[name] for name in names]


def _check_labels(labels: Sequence[str], outputs: Sequence[TensorSpec]) -> None:
    broken = [label for label in labels if label.splitlines() not in ([label], [])]
    if broken:
        raise TfliteMetadataError(
            f"the label {broken[0]!r} spans lines", hint="a label file has one label a line"
        )
    if labels and not any(len(labels) in spec.shape for spec in outputs):
        raise TfliteMetadataError(
            f"there are {len(labels)} labels, and no output has an axis of that length",
            details=[f"{spec.name}: {list(spec.shape)}" for spec in outputs],
            hint="give one label for each class, in the order of the model's output",
        )


def _describe(
    name: str, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], label_count: int
) -> bytes:
    """Return the metadata flatbuffer (root table ModelMetadata)."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    described_inputs = [_tensor(builder, spec, labelled=False) for spec in inputs]
    described_outputs = [
        _tensor(builder, spec, labelled=label_count > 0 and label_count in spec.shape)
        for spec in outputs
    ]
    graph = _table(
        builder,
        {2: _offsets(builder, described_inputs), 3: _offsets(builder, described_outputs)},
    )
    root = _table(
        builder,
        {
            0: builder.CreateString(name),
            3: _offsets(builder, [graph]),
            7: builder.CreateString(_MIN_PARSER_VERSION),
        },
    )
    builder.Finish(root, file_identifier=_METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _tensor(builder: Any, spec: TensorSpec, *, labelled: bool) -> int:
    """Write a TensorMetadata."""
    fields = {0: builder.CreateString(spec.name)}
    if spec.image is None:
        fields[3] = _union(builder, _Content.FEATURE, _table(builder, {}))
    else:
        fields[3] = _union(builder, _Content.IMAGE, _image(builder, spec.shape))
        normalization = _union(builder, _NORMALIZATION, _normalization(builder, spec.image))
        fields[4] = _offsets(builder, [normalization])
    if labelled:
        label_file = _table(
            builder, {0: builder.CreateString(LABEL_FILE)}, scalars={2: _TENSOR_AXIS_LABELS}
        )
        fields[6] = _offsets(builder, [label_file])
    return _table(builder, fields)


def _image(builder: Any, shape: Sequence[int]) -> int:
    """Write an ImageProperties; the channels of a picture are its last axis."""
    spaces = {1: _ColorSpace.GRAYSCALE, 3: _ColorSpace.RGB}
    space = spaces.get(shape[-1], _ColorSpace.UNKNOWN) if len(shape) == 4 else _ColorSpace.UNKNOWN
    return _table(builder, {}, scalars={0: space})


def _normalization(builder: Any, image: ImagePreprocessing) -> int:
    """Write a NormalizationOptions: ``(pixel - mean) / std``, in pixel units 0..255."""
    mean = builder.CreateNumpyVector(np.asarray(image.mean, np.float32))
    std = builder.CreateNumpyVector(np.asarray(image.std, np.float32))
    return _table(builder, {0: mean, 1: std})


def _union(builder: Any, member: int, value: int) -> int:
    """Write a table whose first two fields are a union's type and its value."""
    return _table(builder, {1: value}, scalars={0: member})


def _table(
    builder: Any, offsets: Mapping[int, int], *, scalars: Mapping[int, int] | None = None
) -> int:
    """Write a table from field number -> offset, and field number -> one-byte value."""
    scalars = scalars or {}
    builder.StartObject(max((*offsets, *scalars), default=-1) + 1)
    for field, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    for field, value in scalars.items():
        builder.PrependInt8Slot(field, int(value), 0)
    return int(builder.EndObject())


def _offsets(builder: Any, items: Sequence[int]) -> int:
    """Write a vector of tables."""
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())


def _replace_entry(tree: Any, metadata: bytes) -> None:
    from ai_edge_litert.schema_py_generated import BufferT, MetadataT

    content = BufferT(data=np.frombuffer(metadata, np.uint8))
    entries = tree.metadata or []
    ours = [entry for entry in entries if entry.name == _ENTRY_NAME]
    for entry in ours:
        tree.buffers[entry.buffer] = BufferT()
    if ours:
        index = ours[0].buffer
        tree.buffers[index] = content
    else:
        index = len(tree.buffers)
        tree.buffers.append(content)
    others = [entry for entry in entries if entry.name != _ENTRY_NAME]
    tree.metadata = [*others, MetadataT(name=_ENTRY_NAME, buffer=index)]


def _append_files(model: bytes, files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO(model)
    file.seek(0, io.SEEK_END)
    # Stored, not deflated: readers on devices map the members where they lie. Mode "a" would
    # take bytes in the weights that look like a zip for the archive to continue.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.create_system = 3  # the same bytes on every system
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return file.getvalue()
