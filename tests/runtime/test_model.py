"""A bundle runs: natural values, pictures, names, layouts, threads, and the hot path."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle import Bundle, BundleError, write_bundle
from edgekit.errors import UnknownNameError
from edgekit.runtime import (
    Classification,
    ClosedModelError,
    InterfaceError,
    InterpreterError,
    Kernels,
    Model,
    ValueMismatchError,
    open_interpreter,
)

LABELS = ["ant", "bee", "cat", "dog", "eel"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.edgekit"


@pytest.fixture
def conv(path, tflite_models):
    return tflite_models.conv_bundle(path, labels=LABELS)


@pytest.fixture
def picture():
    return np.random.default_rng(5).integers(0, 256, (4, 6, 3), dtype=np.uint8)


def expected_scores(tflite_models, real):
    """Softmax of the convolution in real arithmetic, on values ``[4, 6, 3]``."""
    weights, scales, bias = tflite_models.conv_weights()
    in_scale = tflite_models.CONV_IN["scale"]
    logits = np.einsum("hwc,ohwc->o", real.astype(float), weights * scales[:, None, None, None])
    logits += bias * scales * in_scale
    exponents = np.exp(logits - logits.max())
    return exponents / exponents.sum()


@pytest.mark.parametrize("kernels", list(Kernels))
def test_scores_are_those_of_real_arithmetic(conv, tflite_models, picture, kernels):
    real = (picture.astype(np.float32) - 127.5) / 127.5
    with Model(conv, kernels=kernels) as model:
        assert model.backend.kernels is kernels
        outputs = model(real)
    assert list(outputs) == ["scores"]
    assert (outputs["scores"].dtype, outputs["scores"].shape) == (np.float32, (1, 5))
    np.testing.assert_allclose(
        outputs["scores"][0], expected_scores(tflite_models, real), atol=0.02
    )


def test_all_natural_inputs_give_the_integers_of_the_interpreter_itself(
    conv, tflite_models, picture, tmp_path
):
    interpreter, _ = open_interpreter(conv.model)
    real = (picture.astype(np.float32) - 127.5) / 127.5
    raw = np.clip(np.round(real * 128) - 3, -128, 127).astype(np.int8)[np.newaxis]
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], raw)
    interpreter.invoke()
    integers = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    expected = (integers.astype(np.float32) + 128) / 256
    Image.fromarray(picture).save(tmp_path / "a.png")
    with Model(conv) as model:
        for value in (picture, Image.fromarray(picture), tmp_path / "a.png", real, raw):
            np.testing.assert_array_equal(model(value)["scores"], expected)
            np.testing.assert_array_equal(model({"image": value})["scores"], expected)
        source = real.transpose(2, 0, 1)
        np.testing.assert_array_equal(model(source, layout="source")["scores"], expected)
        result = np.empty((1, 5), np.int8)
        model.run_into(raw, result)
        np.testing.assert_array_equal(result, integers)


def test_a_model_opens_from_a_path_and_tells_about_itself(conv):
    for given in (conv.path, str(conv.path), conv):
        with Model(given, threads=2) as model:
            assert model.manifest == conv.manifest
            assert model.inputs == conv.manifest.inputs
            assert model.outputs == conv.manifest.outputs
            assert model.labels == tuple(LABELS)
            assert (model.backend.package, model.backend.threads) == ("ai-edge-litert", 2)


def test_several_inputs_and_outputs_go_by_name(path, tflite_models):
    with Model(tflite_models.pair_bundle(path)) as model:
        outputs = model({"b": [[3.0, 3.0, 3.0, 3.0]], "a": np.array([0.0, 1.0, 2.0, -10.0])})
        assert list(outputs) == ["sum", "product"]
        assert outputs["sum"].tolist() == [[3, 4, 5, -7]]
        assert outputs["product"].tolist() == [[0, 4, 6, -30]]
        raw = {"a": np.full((1, 4), 5, np.int8), "b": np.full((1, 4), 5, np.int8)}
        results = {"product": np.empty((1, 4), np.int8), "sum": np.empty((1, 4), np.int8)}
        model.run_into(raw, results)
        assert results["sum"].tolist() == [[7] * 4]
        assert results["product"].tolist() == [[-20] * 4]


def test_names_that_are_missing_unknown_or_not_given_are_refused(path, tflite_models):
    four = np.zeros((1, 4))
    with Model(tflite_models.pair_bundle(path)) as model:
        with pytest.raises(ValueMismatchError, match="the model has 2: a, b"):
            model(four)
        with pytest.raises(ValueMismatchError, match="input 'b': it was not given"):
            model({"a": four})
        with pytest.raises(ValueMismatchError, match="input 'c': the model has none"):
            model({"a": four, "b": four, "c": four})
        raw = {"a": np.zeros((1, 4), np.int8), "b": np.zeros((1, 4), np.int8)}
        with pytest.raises(ValueMismatchError, match="output 'product': it was not given"):
            model.run_into(raw, {"sum": np.zeros((1, 4), np.int8)})


def test_token_ids_are_cast_and_floats_come_out_as_they_are(path, tflite_models):
    with Model(tflite_models.tokens_bundle(path)) as model:
        vectors = model(np.array([3, 0, 1], np.int64))["vectors"]
        assert (vectors.dtype, vectors.tolist()) == (np.float32, [[[6, 7], [0, 1], [2, 3]]])
        with pytest.raises(ValueMismatchError, match="do not fit int32"):
            model(np.array([3, 0, 2**40]))
        with pytest.raises(InterpreterError, match="out of bounds"):
            model(np.array([3, 0, 4]))
        assert model([0, 0, 0])["vectors"].tolist() == [[[0, 1]] * 3]


def test_a_float_model_in_both_layouts(path, tflite_models):
    with Model(tflite_models.float_bundle(path)) as model:
        x = np.arange(6, dtype=np.float64).reshape(1, 2, 3)
        np.testing.assert_array_equal(model(x)["twice"], 2 * x)
        source = x.transpose(0, 2, 1)
        np.testing.assert_array_equal(model(source, layout="source")["twice"], 2 * x)
        with pytest.raises(ValueMismatchError) as caught:
            model(source)
        assert "layout='source'" in caught.value.hint
        with pytest.raises(UnknownNameError):
            model(x, layout="nhwc")


def test_results_belong_to_the_caller(path, tflite_models):
    with Model(tflite_models.float_bundle(path)) as model:
        first = model(np.ones((2, 3)))["twice"]
        model(np.zeros((2, 3)))
        assert first.min() == 2


def test_classify_gives_the_best_classes_with_labels(conv, tflite_models, picture):
    real = (picture.astype(np.float32) - 127.5) / 127.5
    scores = expected_scores(tflite_models, real)
    with Model(conv) as model:
        best = model.classify(picture, top=2)
        everything = model.classify(picture, top=99)
        source = model.classify(picture.transpose(2, 0, 1), top=2, layout="source")
    assert [each.label for each in best] == [LABELS[i] for i in np.argsort(-scores)[:2]]
    assert best[0].score == pytest.approx(scores.max(), abs=0.02)
    assert best == everything[:2] == source
    assert len(everything) == 5
    assert sorted((each.score for each in everything), reverse=True) == [
        each.score for each in everything
    ]


def test_classes_without_labels_are_numbers_and_ties_keep_their_order(path, tflite_models):
    bundle = tflite_models.float_bundle(path, shape=(1, 4), axes=(0, 1))
    with Model(bundle) as model:
        assert model.classify([1.0, 3.0, 1.0, 3.0], top=3) == (
            Classification("1", 6.0),
            Classification("3", 6.0),
            Classification("0", 2.0),
        )
        with pytest.raises(ValueMismatchError, match="0 classes were asked for"):
            model.classify([1.0, 3.0, 1.0, 3.0], top=0)


def test_what_is_no_classifier_cannot_classify(path, tmp_path, tflite_models):
    four = np.zeros((1, 4))
    with (
        Model(tflite_models.pair_bundle(path)) as model,
        pytest.raises(ValueMismatchError, match="no classifier"),
    ):
        model.classify({"a": four, "b": four})
    with (
        Model(tflite_models.float_bundle(tmp_path / "f.edgekit")) as model,
        pytest.raises(ValueMismatchError, match="no classifier"),
    ):
        model.classify(np.zeros((2, 3)))


def test_labels_must_be_as_many_as_classes(path, tflite_models, picture):
    bundle = tflite_models.conv_bundle(path, labels=LABELS[:3])
    with Model(bundle) as model, pytest.raises(InterfaceError, match="3 labels, 5 classes"):
        model.classify(picture)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (np.zeros((1, 4, 6, 3), np.float32), "a float32 array of shape"),
        (np.zeros((4, 6, 3), np.int8), r"int8 array of shape \(4, 6, 3\) was given, exactly int8"),
        ([1, 2], "a list"),
        (None, "a NoneType"),
    ],
)
def test_run_into_takes_exactly_the_tensors(conv, given, match):
    with Model(conv) as model, pytest.raises(ValueMismatchError, match=match):
        model.run_into(given, np.empty((1, 5), np.int8))


def test_run_into_checks_outputs_before_it_runs(conv):
    raw = np.zeros((1, 4, 6, 3), np.int8)
    fixed = np.zeros((1, 5), np.int8)
    fixed.flags.writeable = False
    with Model(conv) as model:
        with pytest.raises(ValueMismatchError, match=r"output 'scores': .*read-only"):
            model.run_into(raw, fixed)
        with pytest.raises(ValueMismatchError, match=r"output 'scores': .*float32 array"):
            model.run_into(raw, np.empty((1, 5), np.float32))


def test_run_into_takes_read_only_inputs_and_strided_arrays(conv, picture):
    raw = (picture.astype(int) - 128).astype(np.int8)[np.newaxis]
    plain, strided = np.empty((1, 5), np.int8), np.zeros((1, 10), np.int8)
    with Model(conv) as model:
        model.run_into(raw, plain)
        fortran = np.asfortranarray(raw)
        fortran.flags.writeable = False
        model.run_into(fortran, strided[:, ::2])
    np.testing.assert_array_equal(strided[:, ::2], plain)
    assert not strided[:, 1::2].any()


def test_a_closed_model_says_so(conv, picture):
    with Model(conv) as model:
        model(picture)
    model.close()
    for use in (
        lambda: model(picture),
        lambda: model.classify(picture),
        lambda: model.run_into(np.zeros((1, 4, 6, 3), np.int8), np.zeros((1, 5), np.int8)),
    ):
        with pytest.raises(ClosedModelError, match="the model 'tiny' is closed"):
            use()
    assert model.manifest.name == "tiny"


def test_one_model_can_be_shared_by_threads(conv):
    rng = np.random.default_rng(11)
    pictures = rng.integers(0, 256, (64, 4, 6, 3), dtype=np.uint8)
    start = threading.Barrier(8)
    with Model(conv) as model:
        expected = [model(each)["scores"] for each in pictures]

        def work(first):
            start.wait()
            order = [*range(first, 64), *range(first)] * 5
            return all(np.array_equal(model(pictures[i])["scores"], expected[i]) for i in order)

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(0, 64, 8)))


def test_closing_waits_for_the_call_that_runs(conv, picture):
    raw = (picture.astype(int) - 128).astype(np.int8)[np.newaxis]
    model = Model(conv)
    started, results = threading.Event(), []

    def work():
        out = np.empty((1, 5), np.int8)
        try:
            while True:
                model.run_into(raw, out)
                results.append(out.copy())
                started.set()
        except ClosedModelError:
            results.append("closed")

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(10)
    model.close()
    thread.join(10)
    assert results.pop() == "closed"
    assert all(np.array_equal(each, results[0]) for each in results)


def test_what_the_bundle_or_the_interpreter_refuses_passes_through(tmp_path, conv):
    with pytest.raises(BundleError, match="No such file"):
        Model(tmp_path / "absent.edgekit")
    with pytest.raises(UnknownNameError, match="unknown backend"):
        Model(conv, backend="onnxruntime")
    manifest = replace(conv.manifest, name="broken")
    write_bundle(tmp_path / "broken.edgekit", manifest, {"model.tflite": b"garbage" * 9})
    with pytest.raises(InterpreterError, match="cannot load the model of 63 bytes"):
        Model(tmp_path / "broken.edgekit")


def test_importing_the_runtime_loads_only_numpy():
    code = (
        "import edgekit.runtime, sys;"
        "heavy = {'click','rich','onnx','tensorflow','torch','PIL','ai_edge_litert',"
        "'tflite_runtime','onnx2tf','platformdirs','tomllib'};"
        "ours = {m for m in sys.modules if m.startswith('edgekit.')};"
        "allowed = ('edgekit.errors','edgekit.files','edgekit.bundle','edgekit.runtime');"
        "print(sorted(heavy & set(sys.modules)), [m for m in ours if not m.startswith(allowed)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[] []", result.stderr


def test_the_reference_keyword_model_scores_what_was_published(path, test_data, tflite_models):
    content = (test_data / "kws_ref_int8.tflite").read_bytes()
    scale = 0.5847029089927673
    image = tflite_models.spec(
        "input_1", "int8", (1, 49, 10, 1), axes=(0, 2, 3, 1), scale=scale, zero_point=83
    )
    scores = tflite_models.spec("Identity", "int8", (1, 12), scale=1 / 256, zero_point=-128)
    bundle: Bundle = tflite_models.bundle(path, content, [image], [scores])
    with np.load(test_data / "kws_eval.npz") as data:
        samples, labels = data["x"], data["y"]
    with Model(bundle, kernels=Kernels.BUILTIN) as model:
        found = [model.classify(x, top=1, layout="source")[0].label for x in samples]
    # 90.2 % on all 1,000 samples: the README of the data.
    assert np.mean(np.array(found).astype(int) == labels) == pytest.approx(0.902, abs=0.0015)
