"""Float TFLite files as sources: ours, and those of TensorFlow's converter."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgekit.converters.graph import DataType, Signature, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.flatbuffer import pack_model, unpack_model
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.sources import SourceError, SourceFormat, open_source, probe_sample
from edgekit.errors import UnknownNameError, UnreadableFileError

SCRIPT = Path(__file__).parents[2] / "tensorflow_models.py"


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """What TensorFlow's converter writes, in a folder."""
    folder = tmp_path_factory.mktemp("foreign")
    command = [sys.executable, SCRIPT, folder]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def write(tmp_path):
    """Write a graph and return where."""

    def make(graph, change=lambda _: None):
        path = tmp_path / "net.tflite"
        model = unpack_model(write_graph(graph))
        change(model)
        path.write_bytes(pack_model(model))
        return path

    return make


def canonical(source):
    """Return a runner of the canonical model."""
    inputs = [Interface(item.name, tuple(range(len(item.shape)))) for item in source.inputs]
    outputs = [Interface(item.name, ()) for item in source.outputs]
    return TfliteRunner(source.content, inputs, outputs)


def test_a_graph_of_ours_is_a_source(dense_graph, write):
    graph = dense_graph()
    source = open_source(write(graph))
    assert (source.kind, source.name, source.format) == (
        "tflite",
        "net.tflite",
        SourceFormat.TFLITE,
    )
    interface = [(item.name, item.shape) for item in (*source.inputs, *source.outputs)]
    assert interface == [("x", (1, 4)), ("y", (1, 3))]
    assert source.content == write_graph(graph)
    assert source.notices == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["net", "half"])
def test_converted_models_are_static_float_graphs(foreign, name):
    source = open_source(foreign / f"{name}.tflite")
    main = read_graph(source.content).main

    assert source.notices == ("the dynamic batch of input 'picture' is fixed to 1",)
    assert source.inputs[0].shape == (1, 8, 8, 3)
    kinds = [item.kind for item in main.operators]
    assert {"SHAPE", "STRIDED_SLICE", "PACK", "DEQUANTIZE"}.isdisjoint(kinds)
    assert kinds.count("RESHAPE") == 2
    assert {tensor.dtype for tensor in main.tensors} == {DataType.FLOAT32, DataType.INT32}
    for seed in range(3):
        sample = probe_sample(source.inputs, seed)
        expected = source.reference.run(sample)["Identity"]
        actual = canonical(source).run(sample)["Identity"]
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_the_reference_is_the_file(foreign):
    """Float16 weights are rounded in the reference too."""
    sample = probe_sample(open_source(foreign / "net.tflite").inputs)
    full, half = (
        open_source(foreign / f"{name}.tflite").reference.run(sample)["Identity"]
        for name in ("net", "half")
    )
    assert 0 < np.abs(full - half).max() < 1e-2


@pytest.mark.slow
def test_open_sizes_are_given_or_refused(foreign):
    path = foreign / "open.tflite"
    with pytest.raises(SourceError, match=r"'picture' has dynamic dimensions: 1,\?,\?,3") as caught:
        open_source(path)
    assert "--input-shape picture:1,1,1,3" in caught.value.hint
    with pytest.raises(UnknownNameError):
        open_source(path, input_shapes={"image": (1, 9, 7, 3)})

    source = open_source(path, input_shapes={"picture": (1, 9, 7, 3)})
    shapes = {tensor.name: tensor.shape for tensor in read_graph(source.content).main.tensors}
    assert shapes["picture"] == (1, 9, 7, 3)
    assert (1, 4, 3, 8) in shapes.values()  # stride 2, VALID
    sample = probe_sample(source.inputs)
    np.testing.assert_allclose(
        canonical(source).run(sample)["Identity"],
        source.reference.run(sample)["Identity"],
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.slow
def test_what_is_quantized_already_is_refused(foreign):
    with pytest.raises(SourceError, match="must not be rounded already") as caught:
        open_source(foreign / "dynamic.tflite")
    assert caught.value.details == ("tensor 'matmul' is INT8 with a scale",)


@pytest.mark.slow
def test_loops_are_refused(foreign):
    with pytest.raises(SourceError, match="without branches, loops or calls") as caught:
        open_source(foreign / "loop.tflite")
    assert "operator #0 is WHILE" in caught.value.details


def test_signatures_and_metadata_stay(dense_graph, write):
    def describe(model):
        model.signatureDefs[0].signatureKey = b"classify"
        model.signatureDefs[0].inputs[0].name = b"picture"

    source = open_source(write(dense_graph(), describe))
    assert read_graph(source.content).signatures == (
        Signature("classify", 0, {"picture": 0}, {"y": 1}),
    )


def test_tensors_of_one_name_are_told_apart(write):
    builder = GraphBuilder()
    x = Value("x", (1, 4), DataType.FLOAT32)
    builder.inputs = [x]
    first = builder.emit("ABS", [x], (1, 4), name="same")
    second = builder.emit("NEG", [first], (1, 4), name="same")
    builder.outputs = [builder.emit("ADD", [first, second], (1, 4), name="y")]

    def rename(model):
        for tensor in model.subgraphs[0].tensors:
            if tensor.name == b"same_2":
                tensor.name = b"same"

    source = open_source(write(builder.finish(), rename))
    sample = {"x": np.array([[1.0, -2.0, 0.0, 3.0]], np.float32)}
    assert not canonical(source).run(sample)["y"].any()
    names = [tensor.name for tensor in read_graph(source.content).main.tensors]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("content", [b"", b"\0" * 40, b"    TFL3 but nothing else"])
def test_what_is_no_model(tmp_path, content):
    path = tmp_path / "net.tflite"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"net\.tflite"):
        open_source(path)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "net.tflite").mkdir()
    with pytest.raises(UnreadableFileError, match="no such file"):
        open_source(tmp_path / "net.tflite")
