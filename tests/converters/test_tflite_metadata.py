"""Metadata in model files: as an independent reader sees it, and nothing else changed."""

import io
import zipfile

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import number_types
from flatbuffers.table import Table

from edgekit.bundle import ImagePreprocessing
from edgekit.converters.tflite_metadata import LABEL_FILE, with_files_of, with_metadata

# The fields of metadata_schema.fbs that are written: number and kind of each.
TABLES = {
    "ModelMetadata": {
        "name": (0, "string"),
        "subgraph_metadata": (3, ["SubGraphMetadata"]),
        "min_parser_version": (7, "string"),
    },
    "SubGraphMetadata": {
        "input_tensor_metadata": (2, ["TensorMetadata"]),
        "output_tensor_metadata": (3, ["TensorMetadata"]),
    },
    "TensorMetadata": {
        "name": (0, "string"),
        "content": (3, "Content"),
        "process_units": (4, ["ProcessUnit"]),
        "associated_files": (6, ["AssociatedFile"]),
    },
    "Content": {
        "content_properties_type": (0, ("NONE", "FeatureProperties", "ImageProperties")),
        "content_properties": (1, "content_properties_type"),
    },
    "FeatureProperties": {},
    "ImageProperties": {"color_space": (0, ("UNKNOWN", "RGB", "GRAYSCALE"))},
    "ProcessUnit": {
        "options_type": (0, ("NONE", "NormalizationOptions")),
        "options": (1, "options_type"),
    },
    "NormalizationOptions": {"mean": (0, [float]), "std": (1, [float])},
    "AssociatedFile": {
        "name": (0, "string"),
        "type": (2, ("UNKNOWN", "DESCRIPTIONS", "TENSOR_AXIS_LABELS")),
    },
}

FEATURE = {"content_properties_type": "FeatureProperties", "content_properties": {}}
LABELLED = [{"name": "labels.txt", "type": "TENSOR_AXIS_LABELS"}]

# What MetadataDisplayer.get_metadata_json() of the package tflite-support 0.4.4 printed for
# the two models that the tests below describe.
GOLDEN_PICTURE = {
    "name": "zoo",
    "subgraph_metadata": [
        {
            "input_tensor_metadata": [
                {
                    "name": "image",
                    "content": {
                        "content_properties_type": "ImageProperties",
                        "content_properties": {"color_space": "RGB"},
                    },
                    "process_units": [
                        {
                            "options_type": "NormalizationOptions",
                            "options": {"mean": [127.5], "std": [127.5]},
                        }
                    ],
                }
            ],
            "output_tensor_metadata": [
                {"name": "scores", "content": FEATURE, "associated_files": LABELLED}
            ],
        }
    ],
    "min_parser_version": "1.0.0",
}
GOLDEN_PAIR = {
    "name": "pair",
    "subgraph_metadata": [
        {
            "input_tensor_metadata": [
                {"name": "b", "content": FEATURE},
                {"name": "a", "content": FEATURE},
            ],
            "output_tensor_metadata": [
                {"name": "product", "content": FEATURE, "associated_files": LABELLED},
                {"name": "sum", "content": FEATURE, "associated_files": LABELLED},
            ],
        }
    ],
    "min_parser_version": "1.0.0",
}


def decode(kind, table):
    """Read a table of the metadata schema into what the JSON printer makes of it."""
    fields = {}
    for name, (number, form) in TABLES[kind].items():
        offset = table.Offset(4 + 2 * number)
        if not offset:
            continue
        at = table.Pos + offset
        if form == "string":
            fields[name] = table.String(at).decode()
        elif isinstance(form, tuple):
            fields[name] = form[table.Get(number_types.Int8Flags, at)]
        elif isinstance(form, list):
            start, items = table.Vector(offset), range(table.VectorLen(offset))
            fields[name] = (
                [table.Get(number_types.Float32Flags, start + 4 * i) for i in items]
                if form == [float]
                else [decode(form[0], at_table(table, start + 4 * i)) for i in items]
            )
        else:
            fields[name] = decode(fields.get(form, form), at_table(table, at))
    return fields


def at_table(table, position):
    return Table(table.Bytes, table.Indirect(position))


def metadata_of(model):
    tree = schema.ModelT.InitFromPackedBuf(model)
    (entry,) = [entry for entry in tree.metadata if entry.name == b"TFLITE_METADATA"]
    content = bytes(tree.buffers[entry.buffer].data)
    assert content[4:8] == b"M001"
    root = Table(content, int.from_bytes(content[:4], "little"))
    return decode("ModelMetadata", root)


def plain(value):
    """Return an unpacked flatbuffer as values that can be compared."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__"):
        return type(value).__name__, {name: plain(item) for name, item in vars(value).items()}
    return value


def without_ours(model):
    """Return a model's content as plain values, without the metadata that was added."""
    tree = schema.ModelT.InitFromPackedBuf(model)
    entries = tree.metadata or []
    ours = [entry.buffer for entry in entries if entry.name == b"TFLITE_METADATA"]
    tree.metadata = [entry for entry in entries if entry.buffer not in ours] or None
    tree.buffers = [item for index, item in enumerate(tree.buffers) if index not in ours]
    return plain(tree)


def test_fields_are_those_an_independent_reader_printed(picture, pair, describe):
    assert metadata_of(describe(picture)) == GOLDEN_PICTURE
    assert metadata_of(describe(pair, name="pair", labels="wxyz")) == GOLDEN_PAIR


def test_labels_lie_behind_the_model_uncompressed(picture, describe, tflite_models):
    with zipfile.ZipFile(io.BytesIO(describe(picture))) as archive:
        (info,) = archive.infolist()
        assert info.filename == LABEL_FILE
        assert info.compress_type == zipfile.ZIP_STORED
        assert archive.read(info).decode().splitlines() == list(tflite_models.CONV_LABELS)


def test_without_labels_nothing_is_packed_and_no_file_is_named(picture, describe):
    described = describe(picture, labels=())
    assert not zipfile.is_zipfile(io.BytesIO(described))
    (graph,) = metadata_of(described)["subgraph_metadata"]
    assert graph["output_tensor_metadata"] == [{"name": "scores", "content": FEATURE}]


@pytest.mark.parametrize(
    ("channels", "expected"), [(1, "GRAYSCALE"), (2, "UNKNOWN"), (3, "RGB"), (4, "UNKNOWN")]
)
def test_colour_space_and_normalisation_of_each_channel(tflite_models, channels, expected):
    shape = (1, 2, 2, channels)
    image = ImagePreprocessing(mean=(1.0, 2.0), std=(3.5,))
    build = tflite_models.Builder()
    build.inputs = [build.tensor("x", shape, "float32")]
    build.outputs = [build.tensor("y", shape, "float32")]
    build.op("RELU", build.inputs, build.outputs)
    described = with_metadata(
        build.build(),
        name="m",
        inputs=[tflite_models.spec("x", "float32", shape, image=image)],
        outputs=[tflite_models.spec("y", "float32", shape)],
        labels=(),
    )
    (graph,) = metadata_of(described)["subgraph_metadata"]
    (x,) = graph["input_tensor_metadata"]
    # A field at its default (UNKNOWN) is not stored.
    assert x["content"]["content_properties"].get("color_space", "UNKNOWN") == expected
    assert x["process_units"][0]["options"] == {"mean": [1.0, 2.0], "std": [3.5]}


def test_outputs_of_the_described_model_are_the_same(picture, pair, describe, tflite_models):
    image = np.arange(72, dtype=np.int8).reshape(1, 4, 6, 3)
    before, after = (
        tflite_models.run_by_name(each, {"image": image})
        for each in (picture.model, describe(picture))
    )
    np.testing.assert_array_equal(before["scores"], after["scores"])

    two = {"a": np.array([[1, -5, 90, 7]], np.int8), "b": np.array([[3, 4, -60, 0]], np.int8)}
    before, after = (
        tflite_models.run_by_name(each, two) for each in (pair.model, describe(pair, labels=()))
    )
    assert before.keys() == after.keys() == {"sum", "product"}
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name])


def rich_model(content):
    """Return an unpacked model with everything that a careless rewrite could drop."""
    tree = schema.ModelT.InitFromPackedBuf(content)
    graph = tree.subgraphs[0]
    signature = schema.SignatureDefT(
        signatureKey="serving_default",
        subgraphIndex=0,
        inputs=[schema.TensorMapT(name="in", tensorIndex=graph.inputs[0])],
        outputs=[schema.TensorMapT(name="out", tensorIndex=graph.outputs[0])],
    )
    tree.signatureDefs = [signature]
    tree.buffers.append(schema.BufferT(data=np.frombuffer(b"1.5.0\0\0\0", np.uint8)))
    tree.metadata = [schema.MetadataT(name="min_runtime_version", buffer=len(tree.buffers) - 1)]
    tree.buffers.append(schema.BufferT(data=np.zeros(0, np.uint8)))
    code = schema.OperatorCodeT(deprecatedBuiltinCode=32, customCode="Mine", builtinCode=32)
    tree.operatorCodes.append(code)
    custom = schema.OperatorT(
        opcodeIndex=len(tree.operatorCodes) - 1,
        inputs=[graph.inputs[0]],
        outputs=[len(graph.tensors)],
        customOptions=np.arange(7, dtype=np.uint8),
        mutatingVariableInputs=np.array([True]),
        debugMetadataIndex=3,
    )
    graph.operators.append(custom)
    graph.tensors.append(
        schema.TensorT(
            shape=[1, -1], shapeSignature=[1, -1], name="odd", isVariable=True, hasRank=True
        )
    )
    graph.tensors[1].sparsity = schema.SparsityParametersT(
        traversalOrder=[0, 1],
        dimMetadata=[
            schema.DimensionMetadataT(
                format=1,
                denseSize=4,
                arraySegmentsType=schema.SparseIndexVector.Uint8Vector,
                arraySegments=schema.Uint8VectorT(values=[0, 2, 4]),
            )
        ],
    )
    return tree


def test_everything_else_in_the_model_is_kept(picture, describe, tflite_models):
    model = tflite_models.packed(rich_model(picture.model))
    described = describe(picture, model=model)
    assert described[4:8] == b"TFL3"
    assert without_ours(described) == plain(schema.ModelT.InitFromPackedBuf(model))


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_real_models_are_kept_and_run_the_same(test_data, tflite_models, name):
    model = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    interpreter = Interpreter(model_content=model)
    (x,), (y,) = interpreter.get_input_details(), interpreter.get_output_details()
    described = with_metadata(
        model,
        name=name,
        inputs=[tflite_models.spec(x["name"], "int8", x["shape"].tolist())],
        outputs=[tflite_models.spec(y["name"], "int8", y["shape"].tolist())],
        labels=[str(index) for index in range(y["shape"][-1])],
    )
    assert without_ours(described) == plain(schema.ModelT.InitFromPackedBuf(model))
    values = np.random.default_rng(3).integers(-128, 128, x["shape"], dtype=np.int8)
    before, after = (
        tflite_models.run_by_name(each, {x["name"]: values}) for each in (model, described)
    )
    np.testing.assert_array_equal(before[y["name"]], after[y["name"]])


def test_data_of_every_buffer_is_aligned_as_the_schema_demands(picture, describe, tflite_models):
    described = describe(picture, model=tflite_models.packed(rich_model(picture.model)))
    start = np.frombuffer(described, np.uint8).ctypes.data
    model = schema.Model.GetRootAs(described)
    data = [model.Buffers(index).DataAsNumpy() for index in range(model.BuffersLength())]
    offsets = [
        each.ctypes.data - start for each in data if isinstance(each, np.ndarray) and each.size
    ]
    assert len(offsets) >= 5
    assert {offset % 16 for offset in offsets} == {0}


def test_existing_metadata_and_labels_are_replaced(picture, describe, tflite_models):
    first = describe(picture, name="old", labels="vwxyz")
    second = describe(picture, name="new", labels=tflite_models.CONV_LABELS, model=first)
    assert metadata_of(second)["name"] == "new"
    assert b"old" not in second
    assert second == describe(picture, name="new", labels=tflite_models.CONV_LABELS)


def test_files_of_another_model_are_packed_again(picture, describe, tflite_models):
    described, bare = describe(picture), picture.model
    carried = with_files_of(bare, described)
    assert carried.startswith(bare)
    with zipfile.ZipFile(io.BytesIO(carried)) as archive:
        assert archive.read(LABEL_FILE).decode().splitlines() == list(tflite_models.CONV_LABELS)
    assert with_files_of(bare, picture.model) == bare


def test_duplicate_metadata_entries_become_one(picture, describe, tflite_models):
    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    tree.metadata = []
    for text in (b"first-one", b"second-one"):
        tree.buffers.append(schema.BufferT(data=np.frombuffer(text, np.uint8)))
        tree.metadata.append(schema.MetadataT("TFLITE_METADATA", len(tree.buffers) - 1))
    described = describe(picture, model=tflite_models.packed(tree))
    assert metadata_of(described)["name"] == "zoo"
    assert b"-one" not in described


def test_weights_that_look_like_a_zip_are_left_alone(picture, describe, tflite_models):
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("inner.txt", "inner")
    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    tree.buffers.append(schema.BufferT(data=np.frombuffer(hidden.getvalue(), np.uint8)))
    model = tflite_models.packed(tree)
    described = describe(picture, model=model)
    assert without_ours(described) == plain(schema.ModelT.InitFromPackedBuf(model))
    with zipfile.ZipFile(io.BytesIO(described)) as archive:
        assert archive.namelist() == [LABEL_FILE]


def test_an_empty_label_keeps_its_line(picture, describe):
    with zipfile.ZipFile(io.BytesIO(describe(picture, labels=("a", "", "c", "d", "")))) as archive:
        assert archive.read(LABEL_FILE) == b"a\n\nc\nd\n\n"
