"""The real engine: names, axes, values, schemes, and every way to fail without leftovers."""

import importlib.util
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.calibration import NoSamplesError
from edgekit.converters.contract import ContractContext, check_contract, enforce_contract
from edgekit.converters.engines import EngineError, QuantizationRequest
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.request import CalibrationMethod
from edgekit.converters.sources import open_source
from edgekit.errors import EdgekitError, MissingDependencyError

NHWC = (0, 2, 3, 1)


def names(content):
    main = read_graph(content).main
    return [[main.tensors[i].name for i in indices] for indices in (main.inputs, main.outputs)]


def sqnr(case, content, count=20):
    """Return the SQNR of each output against the source, moved into the model's axes."""
    runner = TfliteRunner(content, case.lowered.inputs, case.lowered.outputs)
    sums = {item.name: PairedSums() for item in case.lowered.outputs}
    for sample in case.samples[-count:]:
        expected, actual = case.source.reference.run(sample), runner.run(sample)
        for item in case.lowered.outputs:
            sums[item.name].add(expected[item.name].transpose(item.axes), actual[item.name])
    return {name: pair.sqnr_db for name, pair in sums.items()}


def violations(case, content, scheme, io):
    return check_contract(
        read_graph(content), ContractContext(scheme, io, origins=case.lowered.origins)
    )


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """An engine with a cache of its own, which stays empty: for models that cannot be lowered."""
    folder = tmp_path_factory.mktemp("refusing")
    with Onnx2tfEngine(Cache(folder / "cache"), folder / "log") as engine:

        def refuse(source):
            with pytest.raises(EngineError) as caught:
                engine.lower(source)
            assert list((folder / "cache").iterdir()) == []
            assert caught.value.log == folder / "log"
            assert str(folder / "log") in caught.value.hint
            assert "\n" not in caught.value.message
            return caught.value

        yield refuse


def test_several_inputs_and_outputs_keep_names_order_and_types(engine, two_by_two):
    source, lowered = two_by_two.source, two_by_two.lowered
    order = [[item.name for item in source.inputs], [item.name for item in source.outputs]]
    assert order[0] == ["zoom", "ids"]
    assert [(item.name, item.axes) for item in lowered.inputs] == [("zoom", NHWC), ("ids", (0, 1))]
    assert [item.axes for item in lowered.outputs] == [(0, 1), (0, 1), NHWC]
    assert names(lowered.tflite) == order
    assert min(sqnr(two_by_two, lowered.tflite).values()) > 100
    content = engine.quantize(lowered, QuantizationRequest(), two_by_two.samples[:20])
    assert names(content) == order
    assert violations(two_by_two, content, Scheme.INT8, Io.INT8) == ()
    main = read_graph(content).main
    assert [main.tensors[index].dtype for index in main.inputs] == ["INT8", "INT64"]
    assert min(sqnr(two_by_two, content).values()) > 25


def test_origins_name_the_nodes_of_the_source(two_by_two):
    origins = set(two_by_two.lowered.origins.values())
    assert {text.split()[0] for text in origins} >= {"Relu", "ReduceMean", "Gemm", "Sigmoid"}
    assert all(text.endswith("'") and " '" in text for text in origins)


def test_nothing_is_guessed_where_height_width_and_channels_coincide(engine, lower, small_models):
    source = open_source(small_models.Cube(), example_inputs=torch.zeros(1, 3, 3, 3))
    case = lower(source, small_models.pictures(40, (3, 3, 3))[:, None])
    assert case.lowered.inputs[0].axes == case.lowered.outputs[0].axes == NHWC
    assert min(sqnr(case, case.lowered.tflite).values()) > 100
    content = engine.quantize(case.lowered, QuantizationRequest(), case.samples[:20])
    assert min(sqnr(case, content).values()) > 25


def test_signals_have_their_channels_last(engine, lower, small_models):
    source = open_source(small_models.Signal(), example_inputs=torch.zeros(1, 5, 5))
    case = lower(source, small_models.pictures(40, (1, 5, 5)))
    assert case.lowered.inputs[0].axes == case.lowered.outputs[0].axes == (0, 2, 1)
    content = engine.quantize(case.lowered, QuantizationRequest(), case.samples[:20])
    assert violations(case, content, Scheme.INT8, Io.INT8) == ()
    assert min(sqnr(case, content).values()) > 25


@pytest.mark.parametrize(
    ("scheme", "io", "least_db"),
    [
        (Scheme.INT8, Io.INT8, 20),
        (Scheme.INT8, Io.UINT8, 20),
        (Scheme.INT8, Io.FLOAT32, 20),
        (Scheme.INT16X8, Io.INT16, 30),
        (Scheme.INT16X8, Io.FLOAT32, 30),
        (Scheme.DYNAMIC, Io.FLOAT32, 30),
        (Scheme.FLOAT16, Io.FLOAT32, 50),
        (Scheme.FLOAT32, Io.FLOAT32, 100),
    ],
)
def test_every_scheme_keeps_its_contract_and_the_values(engine, classifier, scheme, io, least_db):
    request = QuantizationRequest(scheme=scheme, io=io)
    content = engine.quantize(classifier.lowered, request, classifier.samples[:40])
    assert violations(classifier, content, scheme, io) == ()
    main = read_graph(content).main
    types = {main.tensors[index].dtype for index in (*main.inputs, *main.outputs)}
    assert types == {io.upper()}
    assert least_db < sqnr(classifier, content)[classifier.source.outputs[0].name]


def test_a_float_model_is_not_taken_for_an_integer_one(classifier):
    found = violations(classifier, classifier.lowered.tflite, Scheme.INT8, Io.INT8)
    assert {item.constraint for item in found} == {
        "operator_is_integer",
        "weights_have_the_width_asked_for",
        "interface_has_the_type_asked_for",
    }
    convolution = next(item for item in found if item.subject.startswith("CONV_2D"))
    assert convolution.origin.startswith("Relu '")  # which is fused into it


def test_the_same_request_gives_the_same_bytes(engine, classifier):
    request = QuantizationRequest()
    once, again = (
        engine.quantize(classifier.lowered, request, classifier.samples[:20]) for _ in range(2)
    )
    assert once == again
    assert once != engine.quantize(classifier.lowered, request, classifier.samples[20:40])


def test_dense_weights_have_one_scale_where_that_is_asked_for(engine, classifier):
    def scales(**request):
        content = engine.quantize(
            classifier.lowered, QuantizationRequest(**request), classifier.samples[:20]
        )
        main = read_graph(content).main
        dense = next(op for op in main.operators if op.kind == "FULLY_CONNECTED")
        return len(main.tensors[dense.inputs[1]].quantization.scales)

    assert scales() == 4
    assert scales(per_channel_dense=False) == 1


def test_a_module_and_its_onnx_exports_give_the_same_integers(
    engine, lower, classifier, exported, small_models, tmp_path
):
    """Issue 2: from torch, from the exporter of today and from the one before it."""
    path = tmp_path / "older.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls it legacy
        torch.onnx.export(
            small_models.Classifier().eval(),
            (torch.zeros(1, 3, 8, 8),),
            path,
            dynamo=False,
            input_names=["image"],
        )
    older = lower(open_source(path), small_models.pictures(60)[:, None])
    assert [case.source.kind for case in (classifier, exported, older)] == [
        "torch-module",
        "onnx",
        "onnx",
    ]
    given = []
    for case in (classifier, exported, older):
        content = engine.quantize(case.lowered, QuantizationRequest(), case.samples[:40])
        runner = TfliteRunner(content, case.lowered.inputs, case.lowered.outputs)
        rows = [np.concatenate([*runner.run(item).values()]) for item in case.samples[40:]]
        given.append(np.stack(rows))
    assert len(given[0]) == 20
    assert len(np.unique(given[0])) > 20  # not all the same
    np.testing.assert_array_equal(given[0], given[1])
    np.testing.assert_array_equal(given[0], given[2])


def test_a_lowering_is_found_again(engine, classifier):
    again = engine.lower(classifier.source)
    assert again.from_cache
    assert replace(again, from_cache=False) == replace(classifier.lowered, from_cache=False)


def test_calibration_needs_samples(engine, classifier):
    with pytest.raises(NoSamplesError):
        engine.quantize(classifier.lowered, QuantizationRequest(), [])


def test_a_cleared_cache_is_one_plain_error(engine, classifier, tmp_path):
    gone = replace(classifier.lowered, directory=tmp_path / "0123456789abcdef")
    with pytest.raises(EdgekitError, match="the cache entry 0123456789ab vanished"):
        engine.quantize(gone, QuantizationRequest(), classifier.samples[:5])


def test_operators_without_integer_kernels_are_islands(engine, lower, open_onnx, small_models):
    case = lower(open_onnx(small_models.floor_model()), small_models.pictures(40)[:, None])
    strict, tolerant = (
        engine.quantize(case.lowered, QuantizationRequest(float_islands=allowed), case.samples)
        for allowed in (False, True)
    )
    for content in (strict, tolerant):
        found = violations(case, content, Scheme.INT8, Io.INT8)
        assert {item.constraint for item in found} == {"operator_is_integer"}
        floor = next(item for item in found if item.subject.startswith("FLOOR"))
        assert floor.origin == "Floor 'steps'"
        enforce_contract(found, allow_float_islands=True)
    with pytest.raises(EngineError, match="FLOOR") as caught:
        engine.quantize(case.lowered, QuantizationRequest(Scheme.INT16X8, Io.INT16), case.samples)
    assert str(caught.value.log) in caught.value.hint
    assert caught.value.details == ("FLOOR comes from Floor 'steps'",)


def test_operators_that_tflite_lacks_are_named_with_their_nodes(refusing, open_onnx, small_models):
    model = small_models.onnx_model(
        [
            small_models.node("MatMul", "x w", "m"),
            small_models.node("Det", "m", "y", name="volume"),
        ],
        [("x", [2, 5, 5])],
        [("y", [2])],
        {"w": small_models.weights(5, 5)},
    )
    error = refusing(open_onnx(model))
    assert error.message.endswith("type asked for: MatrixDeterminant")
    assert error.details == ("MatrixDeterminant comes from Det 'volume'",)
    assert "MatrixDeterminant" in error.log.read_text()


def test_a_wrong_lowering_is_caught_and_not_kept(refusing, small_models):
    """Onnx2tf 1.28.8 multiplies square matrices in the wrong order, without a word."""
    source = open_source(small_models.Square(), example_inputs=torch.zeros(1, 6, 6))
    error = refusing(source)
    assert error.message.startswith("lowering changed the model: output 'softmax' differs")
    assert "dB SQNR even with its values sorted" in error.message
    assert error.details[0].startswith("matches nothing in the source: BATCH_MATMUL")
    assert "after Add 'node_linear'" in error.details[0]


def test_outputs_that_are_unchanged_inputs_are_refused(refusing, open_onnx, small_models):
    model = small_models.onnx_model(
        [small_models.node("Relu", "x", "y"), small_models.node("Identity", "x", "z")],
        [("x", [1, 3])],
        [("y", [1, 3]), ("z", [1, 3])],
    )
    error = refusing(open_onnx(model))
    assert error.message.startswith("lowering changed the interface")
    assert "unchanged input" in error.hint


def test_an_engine_has_to_be_opened(tmp_path, classifier):
    engine = Onnx2tfEngine(Cache(tmp_path / "cache"), tmp_path / "log")
    for use in (
        lambda: engine.lower(classifier.source),
        lambda: engine.quantize(classifier.lowered, QuantizationRequest(), classifier.samples),
    ):
        with pytest.raises(EdgekitError, match="the engine is not open"):
            use()


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sng4onnx", None)
    assert importlib.util.find_spec("sng4onnx") is None
    with pytest.raises(MissingDependencyError, match="sng4onnx") as caught:
        Onnx2tfEngine(Cache(tmp_path), tmp_path / "log").__enter__()
    assert "edgekit[tensorflow]" in caught.value.hint


def test_tflite_is_for_the_other_engine(engine, classifier, tmp_path):
    path = tmp_path / "net.tflite"
    path.write_bytes(classifier.lowered.tflite)
    with pytest.raises(EdgekitError, match="takes no tflite model") as caught:
        engine.lower(open_source(path))
    assert caught.value.hint == "pass --engine edgekit"


@pytest.mark.parametrize("method", list(CalibrationMethod)[1:])
def test_calibration_methods_are_the_other_engines(engine, classifier, method):
    request = QuantizationRequest(calibration_method=method)
    with pytest.raises(EdgekitError, match=f"has no --calibration-method {method}") as caught:
        engine.quantize(classifier.lowered, request, classifier.samples)
    assert "--engine edgekit" in caught.value.hint
