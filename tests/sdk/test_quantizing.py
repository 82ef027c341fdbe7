"""A float .tflite becomes an integer one that keeps names, signatures and metadata."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import edgekit
from edgekit.build_options import OptionError, QuantizeOptions
from edgekit.bundle import ImagePreprocessing, Scheme
from edgekit.converters.calibration import Channels, InputDeclaration
from edgekit.converters.graph import (
    TFLITE_METADATA,
    DataType,
    Signature,
    read_graph,
    write_graph,
)
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.parity import ParityError, Thresholds
from edgekit.converters.sources import SourceError
from edgekit.converters.tflite_metadata import with_files_of
from edgekit.errors import UnknownNameError, WriteError
from edgekit.quantizing import quantize

pytestmark = pytest.mark.usefixtures("logs")

CLASSES = ("left", "right", "none")


def picture_graph():
    """Return ``picture [1,6,6,3] -> convolution -> mean -> scores [1,3]``."""
    generator = np.random.default_rng(3)
    builder = GraphBuilder()
    picture = Value("picture", (1, 6, 6, 3), DataType.FLOAT32)
    builder.inputs = [picture]
    filters = builder.constant((generator.standard_normal((8, 3, 3, 3)) / 3).astype("f4"), "f")
    bias = builder.constant(np.linspace(-0.1, 0.1, 8, dtype=np.float32), "b")
    hidden = builder.emit(
        "CONV_2D",
        [picture, filters, bias],
        (1, 4, 4, 8),
        name="conv",
        padding=1,
        stride_w=1,
        stride_h=1,
        dilation_w_factor=1,
        dilation_h_factor=1,
    )
    hidden = builder.emit("RELU", [hidden], (1, 4, 4, 8), name="active")
    pooled = builder.emit("MEAN", [hidden, builder.integers((1, 2), "axes")], (1, 8), name="mean")
    weights = builder.constant(generator.standard_normal((3, 8)).astype("f4"), "w")
    builder.outputs = [builder.emit("FULLY_CONNECTED", [pooled, weights, None], (1, 3))]
    builder.outputs[0].name = "scores"
    return builder.finish()


@pytest.fixture(scope="module")
def samples():
    generator = np.random.default_rng(0)
    light = generator.uniform(-1, 1, (40, 1, 1, 3)) + np.linspace(0, 1, 6).reshape(1, 6, 1, 1)
    return (light + np.zeros((1, 1, 6, 1))).astype(np.float32)


@pytest.fixture(scope="module")
def options(samples):
    return QuantizeOptions(
        calibration_data={"picture": samples[:30]}, evaluation_data={"picture": samples[30:]}
    )


@pytest.fixture
def model(tmp_path):
    """The graph as another tool would write it: a signature and metadata of its own."""
    graph = replace(
        picture_graph(),
        signatures=(Signature("classify", 0, {"image": 0}, {"probabilities": 1}),),
        metadata={TFLITE_METADATA: b"about", "min_runtime_version": b"1.0"},
        description="made elsewhere",
    )
    packed = io.BytesIO(write_graph(graph))
    packed.seek(0, io.SEEK_END)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("labels.txt", "a\nb\nc\n")
    path = tmp_path / "float.tflite"
    path.write_bytes(packed.getvalue())
    return path


def test_names_signatures_and_metadata_stay(model, options, tmp_path):
    result = quantize(model, tmp_path / "out" / "int8.tflite", options)
    content = result.path.read_bytes()
    graph = read_graph(content)

    assert graph.signatures == (Signature("classify", 0, {"image": 0}, {"probabilities": 1}),)
    assert (graph.metadata, graph.description) == ({TFLITE_METADATA: b"about"}, "made elsewhere")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("labels.txt") == b"a\nb\nc\n"
    names = [graph.main.tensors[i].name for i in (*graph.main.inputs, *graph.main.outputs)]
    assert names == ["picture", "scores"]
    assert [item.kind for item in graph.main.operators] == ["CONV_2D", "MEAN", "FULLY_CONNECTED"]


def test_the_result_tells_what_was_made(model, options, tmp_path):
    result = quantize(model, tmp_path / "int8.tflite", replace(options, devices=["nucleo-l4r5zi"]))
    assert (result.scheme, result.source.kind, result.source.name) == (
        Scheme.INT8,
        "tflite",
        "float.tflite",
    )
    assert [item.dtype for item in (*result.inputs, *result.outputs)] == ["int8", "int8"]
    assert result.parity.reference == "LiteRT"
    assert result.parity.outputs[0].final_model.sqnr_db > 20
    assert result.fits[0].device == "nucleo-l4r5zi"
    assert result.plan.calibration_samples == 30


def test_the_same_inputs_give_the_same_bytes(model, options, tmp_path):
    first, second = (
        quantize(model, tmp_path / f"{name}.tflite", options).path.read_bytes() for name in "ab"
    )
    assert first == second


def test_what_is_declared_replaces_the_metadata(model, options, tmp_path):
    declared = InputDeclaration(
        image=ImagePreprocessing((127.5,), (127.5,)), source_channels=Channels.LAST
    )
    chosen = replace(options, class_names=CLASSES, declarations={"picture": declared})
    result = quantize(model, tmp_path / "int8.tflite", chosen)
    content = result.path.read_bytes()
    assert b"about" not in content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("labels.txt").decode().split() == list(CLASSES)


def test_a_model_without_metadata_gets_some(options, tmp_path):
    path = tmp_path / "bare.tflite"
    path.write_bytes(write_graph(picture_graph()))
    result = quantize(path, tmp_path / "int8.tflite", options)
    content = result.path.read_bytes()
    assert TFLITE_METADATA in read_graph(content).metadata
    assert with_files_of(b"", content) == b""


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"scheme": Scheme.FLOAT16}, OptionError, "makes no integer activations"),
        ({"thresholds": Thresholds(min_sqnr_db=90)}, ParityError, "SQNR"),
        ({"devices": ["nucleo"]}, UnknownNameError, "nucleo"),
        ({"input_shapes": {"image": (1, 6, 6, 3)}}, UnknownNameError, "unknown input"),
        ({"input_shapes": {"picture": (1, 9, 6, 3)}}, SourceError, "the model fixes 1,6,6,3"),
    ],
)
def test_nothing_is_written_after_an_error(model, options, tmp_path, change, error, message):
    with pytest.raises(error, match=message):
        quantize(model, tmp_path / "int8.tflite", replace(options, **change))
    assert [path.name for path in tmp_path.iterdir()] == ["float.tflite"]


def test_only_tflite_files_are_taken(options, tmp_path):
    with pytest.raises(SourceError, match=r"net\.onnx is no \.tflite file") as caught:
        quantize(tmp_path / "net.onnx", tmp_path / "int8.tflite", options)
    assert "edgekit build" in caught.value.hint


def test_the_model_itself_is_not_overwritten(model, options):
    content = model.read_bytes()
    with pytest.raises(OptionError, match="is the model itself"):
        quantize(model, model, options)
    assert model.read_bytes() == content


def test_an_integer_model_is_no_source(model, options, tmp_path):
    done = quantize(model, tmp_path / "int8.tflite", options)
    with pytest.raises(SourceError, match="must not be rounded already"):
        quantize(done.path, tmp_path / "again.tflite", options)


def test_a_place_that_cannot_be_written_is_refused_first(model, options, tmp_path):
    (tmp_path / "folder.tflite").mkdir()
    with pytest.raises(WriteError, match="Is a directory"):
        quantize(model, tmp_path / "folder.tflite", options)


def test_it_is_a_name_of_edgekit():
    assert edgekit.quantize is quantize
    assert edgekit.QuantizeOptions is QuantizeOptions
