"""What goes into a bundle describes the final file and the source it came from."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from edgekit.bundle import ImagePreprocessing, Layout, Scheme
from edgekit.bundle_content import bundle_members, interface_specs
from edgekit.converters.calibration import InputDeclaration
from edgekit.converters.engines import Interface, LoweredModel
from edgekit.converters.graph import MalformedModelError, read_graph
from edgekit.converters.parity import ParityReport
from edgekit.converters.plan import QuantizationPlan, plan_of
from edgekit.converters.sources import SourceModel, SourceTensor

PICTURE = ImagePreprocessing(mean=(10.0,), std=(2.0,))


class Never:
    """A reference for tests that run nothing."""

    name = "nothing"

    def run(self, sample):
        raise NotImplementedError


def source(name="image", shape=(1, 3, 4, 6)):
    return SourceModel(
        kind="onnx",
        name="net.onnx",
        content=b"",
        inputs=(SourceTensor(name, "float32", shape),),
        outputs=(SourceTensor("scores", "float32", (1, 5)),),
        reference=Never(),
    )


@pytest.fixture
def lowered(tmp_path):
    inputs, outputs = (Interface("image", (0, 2, 3, 1)),), (Interface("scores", (0, 1)),)
    return LoweredModel(b"", inputs, outputs, {}, tmp_path, from_cache=False)


@pytest.fixture
def members(tflite_models):
    """The members of the hand-written classifier, with or without class names."""

    def make(class_names):
        content = tflite_models.conv_model()
        plan = QuantizationPlan(
            Scheme.INT8, "own", "x.npz", 40, "ab" * 32, plan_of(read_graph(content).main)
        )
        parity = ParityReport(
            reference="onnxruntime",
            interpreter="litert",
            samples=8,
            samples_origin="x.npz",
            used_for_calibration=True,
            layer_samples=8,
            outputs=(),
            worst_layers=(),
            metric=None,
        )
        manifest = tflite_models.manifest(
            [
                tflite_models.spec(
                    "image", "int8", tflite_models.CONV_SHAPE, **tflite_models.CONV_IN
                )
            ],
            [tflite_models.spec("scores", "int8", (1, 5), **tflite_models.SOFTMAX_OUT)],
        )
        return bundle_members(content, manifest, plan, parity, (), class_names)

    return make


def test_an_interface_is_described_on_both_sides(lowered, tflite_models):
    graph = read_graph(tflite_models.conv_model())
    declared = {"image": InputDeclaration(image=PICTURE)}
    (picture,), (scores,) = interface_specs(source(), lowered, graph, declared)
    assert (picture.dtype, picture.shape, picture.axes) == ("int8", (1, 4, 6, 3), (0, 2, 3, 1))
    assert (picture.source_dtype, picture.source_shape) == ("float32", (1, 3, 4, 6))
    assert (picture.layout, picture.image) == (Layout.NHWC, PICTURE)
    assert (picture.scale, picture.zero_point) == (1 / 128, -3)
    assert (scores.layout, scores.image) == (Layout.SOURCE, None)
    assert (scores.scale, scores.zero_point) == (1 / 256, -128)


def test_an_input_without_a_declaration_is_no_picture(lowered, tflite_models):
    graph = read_graph(tflite_models.conv_model())
    (picture,), _ = interface_specs(source(), lowered, graph, {})
    assert picture.image is None


def test_a_tensor_of_another_name_is_refused(lowered, tflite_models):
    graph = read_graph(tflite_models.conv_model())
    with pytest.raises(MalformedModelError, match=r"'image' \(INT8\) stands for 'picture'"):
        interface_specs(source("picture"), lowered, graph, {})


def test_tensors_without_a_scale_have_none(tmp_path, tflite_models):
    """Token ids are no quantized values."""
    opened = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit")
    graph = read_graph(opened.model)
    tokens = replace(
        source(),
        inputs=(SourceTensor("ids", "int64", (1, 3)),),
        outputs=(SourceTensor("vectors", "float32", (1, 3, 2)),),
    )
    outputs = (Interface("vectors", (0, 1, 2)),)
    model = LoweredModel(b"", (Interface("ids", (0, 1)),), outputs, {}, tmp_path, from_cache=False)
    (ids,), (vectors,) = interface_specs(tokens, model, graph, {})
    assert (ids.dtype, ids.source_dtype, ids.scale, ids.zero_point) == (
        "int32",
        "int64",
        None,
        None,
    )
    assert (vectors.dtype, vectors.scale, vectors.zero_point) == ("float32", None, None)


def test_the_files_of_a_bundle(members, tflite_models):
    found = members(tflite_models.CONV_LABELS)
    assert list(found) == ["model.tflite", "plan.json", "parity.json", "labels.txt"]
    assert found["labels.txt"].decode() == "ant\nbee\ncat\ndog\nŸak\n"
    plan, parity = (json.loads(found[name]) for name in ("plan.json", "parity.json"))
    assert (plan["schema_version"], plan["calibration_samples"]) == (1, 40)
    assert (parity["provenance"], parity["used_for_calibration"]) == ("measured", True)
    with zipfile.ZipFile(io.BytesIO(found["model.tflite"])) as attached:
        assert attached.read("labels.txt").decode().split() == list(tflite_models.CONV_LABELS)


def test_no_class_names_no_labels(members):
    found = members(())
    assert list(found) == ["model.tflite", "plan.json", "parity.json"]
    assert not zipfile.is_zipfile(io.BytesIO(found["model.tflite"]))


def test_the_model_computes_what_it_did(members, tflite_models):
    before = read_graph(tflite_models.conv_model()).main
    after = read_graph(members(tflite_models.CONV_LABELS)["model.tflite"]).main
    assert [op.kind for op in after.operators] == [op.kind for op in before.operators]
    assert [t.name for t in after.tensors] == [t.name for t in before.tensors]
    assert [t.quantization for t in after.tensors] == [t.quantization for t in before.tensors]


def test_the_same_content_gives_the_same_bytes(members, tflite_models):
    assert members(tflite_models.CONV_LABELS) == members(tflite_models.CONV_LABELS)
