"""A build with the real engine: proven bundles, the same bytes again, or nothing at all."""

import json
import warnings
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter

import edgekit
from edgekit.build_options import BuildOptions
from edgekit.building import BuildResult, build
from edgekit.bundle import Bundle
from edgekit.converters.contract import ContractError
from edgekit.converters.parity import ParityError, Thresholds
from edgekit.device_profiles import FitVerdict
from edgekit.progress import Stage
from edgekit.runtime import Model

pytestmark = pytest.mark.usefixtures("logs")

EXAMPLE = (torch.zeros(1, 3, 8, 8),)
CLASSES = ("red", "green", "blue", "none")
THIMBLE = """
title = "Thimble"
kind = "mcu"
runtime = "tflite-micro"
[soc]
value = "T1"
source = "data sheet"
[core]
value = "Cortex-M0"
source = "data sheet"
[clock_hz]
value = 1_000_000
source = "data sheet"
[ram_bytes]
value = 256
source = "data sheet"
[flash_bytes]
value = 512
source = "data sheet"
"""


@dataclass
class Diary:
    """Everything that a build reports, in order."""

    stages: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    notices: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    def stage(self, stage):
        self.stages.append(stage)

    def advance(self, done, total):
        self.steps.append((self.stages[-1], done, total))

    def notice(self, text):
        self.notices.append(text)

    def warn(self, text):
        self.warnings.append(text)


@dataclass(frozen=True)
class Built:
    """A build that went well, what it was given, and what it reported."""

    source: object
    options: BuildOptions
    result: BuildResult
    diary: Diary

    @property
    def bundle(self):
        return Bundle.open(self.result.path)


@pytest.fixture(scope="module")
def network(small_models):
    return small_models.Classifier().eval()


@pytest.fixture(scope="module")
def data(tmp_path_factory, network, samples):
    """The same as a file, with the network's own answers as labels, but for every tenth."""
    path = tmp_path_factory.mktemp("data") / "pictures.npz"
    with torch.no_grad():
        answers = network(torch.from_numpy(samples)).argmax(1).numpy()
    answers[::10] = (answers[::10] + 1) % len(CLASSES)
    np.savez(path, picture=samples, y=answers)
    return path


@pytest.fixture(scope="module")
def cold(network, data, tmp_path_factory):
    """A torch module, built with overlapping slices and a cache that was empty."""
    options = BuildOptions(
        devices=["nucleo-l4r5zi", "pixel-8"],
        calibration_data=f"{data}[:40]",
        evaluation_data=f"{data}[30:]",
        labels=f"{data}[30:]",
        class_names=CLASSES,
        cache_folder=tmp_path_factory.mktemp("cache"),
    )
    path, diary = tmp_path_factory.mktemp("cold") / "pictures.edgekit", Diary()
    result = build(network, path, options, example_inputs=EXAMPLE, progress=diary)
    return Built(network, options, result, diary)


@pytest.fixture(scope="module")
def exported(network, samples, engine_cache, tmp_path_factory):
    """The same network as torch's exporter writes it, calibrated on the same samples."""
    folder = tmp_path_factory.mktemp("exported")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about itself
        program = torch.onnx.export(network, EXAMPLE, dynamo=True, verbose=False)
        program.save(folder / "classifier.onnx")
    options = BuildOptions(
        devices=["nucleo-l4r5zi", "pixel-8"],
        calibration_data={"picture": samples[:40]},
        cache_folder=engine_cache,
    )
    source, diary = folder / "classifier.onnx", Diary()
    result = build(source, folder / "exported.edgekit", options, progress=diary)
    return Built(source, options, result, diary)


@pytest.fixture
def rebuild(exported, tmp_path):
    """Build the exported network again, with its lowering from the cache and other options."""

    def run(progress=None, **changes):
        options = BuildOptions(cache_folder=exported.options.cache_folder, **changes)
        return build(exported.source, tmp_path / "x.edgekit", options, progress=progress)

    return run


def raw_inputs(spec, pictures):
    """Quantize NCHW pictures for an NHWC input, by the formula of TFLite's specification."""
    moved = pictures.transpose(0, 2, 3, 1)
    limits = np.iinfo(spec.dtype)
    real = np.round(moved / np.float32(spec.scale)) + spec.zero_point
    return np.clip(real, limits.min, limits.max).astype(spec.dtype)[:, None]


def run_raw(path, pictures):
    """Return the raw outputs of a bundle for pictures."""
    with Model(path) as model:
        output = np.empty(model.outputs[0].shape, model.outputs[0].dtype)
        found = []
        for feed in raw_inputs(model.inputs[0], pictures):
            model.run_into(feed, output)
            found.append(output.copy())
    return np.stack(found)


def test_the_bundle_is_what_was_asked_for(cold):
    manifest = cold.bundle.manifest
    assert manifest == cold.result.manifest
    assert (manifest.name, manifest.scheme) == ("pictures", "int8")
    assert manifest.engine.startswith(f"edgekit (edgekit {edgekit.__version__}, ")
    assert manifest.edgekit_version == edgekit.__version__
    assert manifest.devices == ("nucleo-l4r5zi", "pixel-8")
    assert (manifest.source.kind, manifest.source.name) == ("torch-module", "Classifier")
    (picture,), (scores,) = manifest.inputs, manifest.outputs
    assert (picture.dtype, picture.shape, picture.layout) == ("int8", (1, 8, 8, 3), "nhwc")
    assert (picture.source_shape, picture.source_dtype) == ((1, 3, 8, 8), "float32")
    assert (scores.dtype, scores.scale, scores.zero_point) == ("int8", 1 / 256, -128)
    assert cold.bundle.labels == CLASSES
    assert [item.path for item in manifest.members] == sorted(
        ["model.tflite", "plan.json", "parity.json", "labels.txt"]
    )


def test_the_plan_tells_what_calibrated(cold):
    plan = cold.bundle.json("plan.json")
    assert plan == json.loads(json.dumps(cold.result.plan.to_json()))
    assert plan["calibration_origin"] == "pictures.npz[:40] (40 of 60 samples)"
    assert plan["calibration_samples"] == 40
    assert plan["method"] == "min-max"


def test_it_fits_its_devices(cold):
    assert [fit.verdict for fit in cold.result.fits] == [FitVerdict.FITS] * 2
    assert cold.result.waived == ()


def test_parity_is_proved_on_others_than_calibrate(cold):
    parity = cold.bundle.json("parity.json")
    assert parity == json.loads(json.dumps(cold.result.parity.to_json()))
    assert parity["samples"] == 20  # numbers 40 to 59; ten more were given, but calibrate
    assert parity["used_for_calibration"] is False
    assert parity["outputs"][0]["final_model"]["sqnr_db"] > 20
    assert parity["outputs"][0]["float_model"]["sqnr_db"] > 80


def test_labels_give_the_metric(cold):
    """Two of the twenty labels are wrong on purpose."""
    metric = cold.result.parity.metric
    assert (metric.name, metric.count, metric.source) == ("top-1", 20, 90.0)
    assert metric.float_model == 90.0
    assert metric.drop <= 1.0


def test_without_others_the_overlap_is_told(exported):
    parity = exported.result.parity
    assert (parity.samples, parity.used_for_calibration) == (40, True)
    assert parity.metric is None
    (warning,) = exported.result.warnings
    assert warning.startswith("parity is proved on the calibration samples themselves")
    assert exported.diary.warnings == [warning]


def test_stages_are_told_in_order(cold):
    assert cold.diary.stages == list(Stage)
    assert cold.diary.steps == [(Stage.PARITY, done, 20) for done in range(1, 21)]
    assert list(cold.result.stage_seconds) == list(Stage)
    assert all(seconds >= 0 for seconds in cold.result.stage_seconds.values())
    assert cold.diary.notices == list(cold.result.notices)
    assert cold.diary.warnings == list(cold.result.warnings) == []


def test_the_same_inputs_give_the_same_bytes(cold, tmp_path):
    path = tmp_path / "pictures.edgekit"
    build(cold.source, path, cold.options, example_inputs=EXAMPLE)
    assert path.read_bytes() == cold.result.path.read_bytes()


@pytest.mark.slow
def test_a_warm_cache_gives_the_same_bytes(cold, tmp_path):
    pytest.importorskip("onnx2tf")
    path = tmp_path / "pictures.edgekit"
    options = replace(cold.options, engine="onnx2tf", cache_folder=tmp_path / "cache")
    contents, cached = [], []
    for _ in range(2):
        result = build(cold.source, path, options, example_inputs=EXAMPLE)
        contents.append(path.read_bytes())
        cached.append(result.lowering_from_cache)
    assert cached == [False, True]
    assert contents[0] == contents[1]


def test_the_runtime_computes_what_the_interpreter_does(cold, samples):
    interpreter = Interpreter(model_content=cold.bundle.model)
    interpreter.allocate_tensors()
    (feed,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    expected = []
    for raw in raw_inputs(cold.bundle.manifest.inputs[0], samples):
        interpreter.set_tensor(feed["index"], raw)
        interpreter.invoke()
        expected.append(interpreter.get_tensor(result["index"]))
    np.testing.assert_array_equal(run_raw(cold.bundle, samples), np.stack(expected))
    scale, zero_point = result["quantization"]
    with Model(cold.result.path) as model:
        for picture, integers in zip(samples, expected, strict=True):
            (scores,) = model(picture[None], layout="source").values()
            np.testing.assert_allclose(scores, scale * (integers - np.float32(zero_point)))


def test_the_bundle_answers_like_the_network(cold, network, samples):
    with torch.no_grad():
        wanted = network(torch.from_numpy(samples[40:])).numpy()
    with Model(cold.result.path) as model:
        for picture, scores in zip(samples[40:], wanted, strict=True):
            best = model.classify(picture[None], layout="source")[0]
            assert best.score == pytest.approx(scores.max(), abs=0.1)
            if np.ptp(np.sort(scores)[-2:]) > 0.1:
                assert best.label == CLASSES[scores.argmax()]


def test_a_module_and_its_export_give_the_same_integers(cold, exported, samples):
    ours, theirs = (item.bundle.manifest for item in (cold, exported))
    assert (ours.source.kind, theirs.source.kind) == ("torch-module", "onnx")
    for one, other in zip(
        (*ours.inputs, *ours.outputs), (*theirs.inputs, *theirs.outputs), strict=True
    ):
        assert (one.scale, one.zero_point) == (other.scale, other.zero_point)
    outputs = [run_raw(item.result.path, samples) for item in (cold, exported)]
    assert len(np.unique(outputs[0])) > 50
    np.testing.assert_array_equal(*outputs)


@pytest.mark.parametrize(
    ("scheme", "interface", "least_db"),
    [
        ("int16x8", "int16", 30),
        ("dynamic", "float32", 30),
        ("float16", "float32", 50),
        ("float32", "float32", 80),
    ],
)
def test_every_scheme_gives_a_bundle(rebuild, samples, network, scheme, interface, least_db):
    result = rebuild(
        scheme=scheme,
        calibration_data={"picture": samples[:40]},
        evaluation_data={"picture": samples[40:]},
        thresholds=Thresholds(min_sqnr_db=least_db),
    )
    manifest = Bundle.open(result.path).manifest
    assert manifest.scheme == scheme
    assert [item.dtype for item in (*manifest.inputs, *manifest.outputs)] == [interface] * 2
    calibrated = scheme == "int16x8"
    assert result.plan.calibration_samples == (40 if calibrated else 0)
    assert (result.plan.calibration_sha256 is not None) is calibrated
    assert result.parity.samples == 20
    with torch.no_grad():
        wanted = network(torch.from_numpy(samples[50:51])).numpy()
    with Model(result.path) as model:
        (scores,) = model(samples[50:51], layout="source").values()
    np.testing.assert_allclose(scores, wanted, atol=0.03)


def test_what_is_too_far_from_its_source_is_not_written(rebuild, samples, tmp_path, logs):
    with pytest.raises(ParityError) as caught:
        rebuild(
            calibration_data={"picture": np.repeat(samples[:40], 2, axis=0)},
            thresholds=Thresholds(min_sqnr_db=90.0, min_cosine=1.0),
        )
    error = caught.value
    assert "dB SQNR, at least 90 is wanted; output " in error.message
    assert "at least 1 is wanted" in error.message
    assert error.report.used_for_calibration  # each of the others equals one that calibrates
    layers = error.report.worst_layers
    assert {"CONV_2D", "SOFTMAX"} <= {layer.operator for layer in layers}
    assert error.details[1:] == tuple(str(layer) for layer in layers)
    decibels = [layer.final_model.decibels for layer in layers]
    assert decibels == sorted(decibels)
    assert len(layers) <= 10
    assert list(tmp_path.iterdir()) == []
    assert not logs.exists() or list(logs.iterdir()) == []  # the error does not point to it


def test_what_a_device_cannot_hold_is_not_written(rebuild, samples, tmp_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("boards")
    (folder / "thimble.toml").write_text(THIMBLE)
    diary = Diary()
    with pytest.raises(ContractError) as caught:
        rebuild(
            progress=diary,
            scheme="float32",
            evaluation_data={"picture": samples},
            devices=["thimble"],
            device_folders=[folder],
            allow_float_islands=True,  # does not make a device larger
        )
    (violation,) = [
        item for item in caught.value.violations if item.constraint == "model_fits_memory"
    ]
    assert violation.device == "thimble"
    assert "RAM is " in violation.particulars
    assert "flash is " in violation.particulars
    assert diary.stages[-1] is Stage.CONTRACT
    assert list(tmp_path.iterdir()) == []


def test_a_good_build_leaves_no_log(cold, exported, logs):
    assert not logs.exists() or list(logs.iterdir()) == []


def test_the_package_names_it_too():
    assert edgekit.build is build
    assert edgekit.BuildResult is BuildResult
    assert edgekit.Bundle is Bundle
