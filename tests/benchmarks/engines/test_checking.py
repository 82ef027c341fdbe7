"""How far outputs are apart: against definitions, and by the numbers that stand for it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.engines import EngineCase, Form, OutputCheck
from edgekit.benchmarks.engines.checking import MIN_SQNR_DB, check_outputs, sqnr_db
from edgekit.converters.parity.metrics import sqnr_db as parity_sqnr_db

BOTH_BUNDLE = (Form.BUNDLE, Form.BUNDLE)
BOTH_FLOAT = (Form.FLOAT, Form.FLOAT)


@pytest.fixture
def classifier(tflite_models, tmp_path):
    manifest = tflite_models.conv_bundle(tmp_path / "picture.edgekit").manifest
    return EngineCase("picture", b"", manifest.inputs, manifest.outputs, ())


def scores(*rows, dtype=np.int8):
    return [{"scores": np.array([row], dtype)} for row in rows]


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=9))
def test_sqnr_is_that_of_parity(pairs):
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    assert sqnr_db(first, second) == pytest.approx(parity_sqnr_db(first, second))


def test_raw_integers_are_counted_and_measured_in_steps(classifier):
    check = check_outputs(
        classifier,
        "litert",
        BOTH_BUNDLE,
        scores([100, -100, -128, -128, -128], [-128, 127, -128, -128, -128]),
        scores([97, -99, -128, -128, -128], [-128, 127, -128, -128, -128]),
    )
    assert (check.against, check.samples, check.max_steps) == ("litert", 2, 3)
    assert check.differing_percent == pytest.approx(20.0)
    assert check.top1_percent == 100.0
    # Steps are 1/256; zero point -128.
    signal, noise = 228**2 + 28**2 + 255**2, 3**2 + 1**2
    assert check.sqnr_db == pytest.approx(10 * math.log10(signal / noise))
    assert check.agrees


def test_equal_outputs_have_no_ratio(classifier):
    same = scores([1, 2, 3, 4, 5])
    check = check_outputs(classifier, "litert", BOTH_BUNDLE, same, same)
    assert (check.sqnr_db, check.max_steps, check.differing_percent) == (None, 0, 0.0)
    assert check.agrees


def test_a_bundle_is_held_against_floats_as_real_values(classifier):
    check = check_outputs(
        classifier,
        "onnxruntime",
        (Form.FLOAT, Form.BUNDLE),
        scores([0.0, 0.25, 0.5, 0.125, 0.125], dtype=np.float32),
        scores([-128, -64, 0, -96, -96]),
    )
    assert check.sqnr_db is None
    assert check.max_steps is None
    assert check.differing_percent is None


def test_floats_have_to_be_nearer_than_quantized_ones(classifier):
    expected = scores([0.9, 0.1, 0, 0, 0], dtype=np.float32)
    actual = scores([0.91, 0.1, 0, 0, 0], dtype=np.float32)
    floats = check_outputs(classifier, "torch", BOTH_FLOAT, expected, actual)
    quantized = check_outputs(classifier, "torch", (Form.FLOAT, Form.QUANTIZED), expected, actual)
    assert floats.sqnr_db == quantized.sqnr_db == pytest.approx(39.1, abs=0.1)
    assert not floats.agrees
    assert quantized.agrees
    assert floats.min_sqnr_db == MIN_SQNR_DB["float"]


def test_another_best_class_shows(classifier):
    expected = scores([9, 1, 1, 1, 1], [9, 1, 1, 1, 1], [1, 1, 9, 1, 1])
    actual = scores([9, 1, 1, 1, 1], [9, 10, 1, 1, 1], [1, 1, 9, 1, 1])
    check = check_outputs(classifier, "litert", BOTH_BUNDLE, expected, actual)
    assert check.top1_percent == pytest.approx(200 / 3)


def test_a_model_with_the_shape_of_its_input_is_no_classifier(tflite_models):
    vector = tflite_models.spec("x", "float32", (1, 4))
    out = tflite_models.spec("y", "float32", (1, 4))
    case = EngineCase("coder", b"", (vector,), (out,), ())
    values = [{"y": np.ones((1, 4), np.float32)}]
    assert check_outputs(case, "torch", BOTH_FLOAT, values, values).top1_percent is None


def test_not_a_number_is_as_far_as_can_be(classifier):
    expected = scores([1, 0, 0, 0, 0], dtype=np.float32)
    actual = scores([np.nan, 0, 0, 0, 0], dtype=np.float32)
    check = check_outputs(classifier, "torch", BOTH_FLOAT, expected, actual)
    assert check.sqnr_db == -300.0
    assert not check.agrees


def test_json_comes_back():
    check = OutputCheck("litert", 3, 31.5, 20.0, 100.0, 1.25, 2)
    assert check.to_json()["agrees"] is True
    assert OutputCheck.from_json(check.to_json()) == check
