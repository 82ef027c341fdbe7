"""Thresholds: what passes, what is refused, and what the refusal says."""

import json
import math
from dataclasses import replace

import pytest

from edgekit.converters.parity import (
    PARITY_VERSION,
    Distance,
    LayerParity,
    Metric,
    OutputParity,
    ParityError,
    ParityReport,
    Thresholds,
    enforce_parity,
)

FINE = OutputParity("scores", Distance(90.0, 1.0), Distance(30.0, 0.999))
LAYERS = (
    LayerParity("t1", "CONV_2D", "Conv 'second'", "b", Distance(120.0, 1.0), Distance(11.5, 0.96)),
    LayerParity("t0", "ADD", "unknown", None, None, Distance(20.0, 0.99)),
)


def report(*outputs, metric=None, layers=LAYERS):
    return ParityReport(
        reference="onnxruntime",
        interpreter="ai-edge-litert 2, builtin kernels, 1 thread",
        samples=40,
        samples_origin="data.npz, 40 of 80 for evaluation",
        used_for_calibration=False,
        layer_samples=16,
        outputs=outputs or (FINE,),
        worst_layers=layers,
        metric=metric,
    )


def refused(given, **thresholds):
    with pytest.raises(ParityError) as caught:
        enforce_parity(given, Thresholds(**thresholds))
    return caught.value


def test_a_good_model_passes():
    enforce_parity(report(), Thresholds())


def test_equal_tensors_pass_any_threshold():
    equal = OutputParity("scores", Distance(None, 1.0), Distance(None, 1.0))
    assert equal.final_model.decibels == math.inf
    enforce_parity(report(equal), Thresholds(min_sqnr_db=1e9, min_cosine=1.0))


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({"min_sqnr_db": 30.1}, "output 'scores' has 30.0 dB SQNR, at least 30.1 is wanted"),
        ({"min_cosine": 0.9991}, "output 'scores' has cosine 0.9990, at least 0.9991 is wanted"),
        ({"min_float_sqnr_db": 91}, "float output 'scores' has 90.0 dB, at least 91 is wanted"),
    ],
)
def test_each_threshold_is_kept(thresholds, words):
    error = refused(report(), **thresholds)
    assert words in error.message
    assert error.report == report()


def test_a_threshold_that_is_just_met_passes():
    enforce_parity(report(), Thresholds(min_sqnr_db=30.0, min_cosine=0.999, min_float_sqnr_db=90.0))


def test_every_output_that_fails_is_named():
    bad = OutputParity("boxes", Distance(10.0, 0.95), Distance(-300.0, 0.0))
    message = refused(report(FINE, bad)).message
    assert message.count("boxes") == 3
    assert "scores" not in message


def test_the_worst_layers_are_named_with_their_source_nodes():
    error = refused(report(), min_sqnr_db=50)
    assert error.details == (
        "worst layers (final model against the source, 16 samples):",
        "  11.5 dB  CONV_2D from Conv 'second'",
        "  20.0 dB  ADD from unknown",
    )
    assert "--min-sqnr" in error.hint
    assert "int16x8" in error.hint


@pytest.mark.parametrize(("final", "passes"), [(90.0, True), (89.0, True), (88.9, False)])
def test_the_metric_may_fall_by_a_point(final, passes):
    metric = Metric("top-1", "scores", 900, source=90.0, float_model=90.0, final_model=final)
    if passes:
        enforce_parity(report(metric=metric), Thresholds())
    else:
        assert (
            "top-1 falls by 1.10 points, at most 1 are allowed"
            in refused(report(metric=metric)).message
        )


def test_a_metric_that_rises_passes():
    metric = Metric("top-1", "scores", 9, source=50.0, float_model=50.0, final_model=60.0)
    assert metric.drop == -10
    enforce_parity(report(metric=metric), Thresholds(max_drop=0.0))


def test_the_report_is_plain_json_with_its_provenance():
    equal = replace(FINE, float_model=Distance(None, 1.0))
    data = json.loads(json.dumps(report(equal).to_json(), allow_nan=False))
    assert data["provenance"] == "measured"
    assert data["schema_version"] == PARITY_VERSION
    assert data["outputs"] == [
        {
            "name": "scores",
            "float_model": {"sqnr_db": None, "cosine": 1.0, "equal_percent": None},
            "final_model": {"sqnr_db": 30.0, "cosine": 0.999, "equal_percent": None},
        }
    ]
    assert data["worst_layers"][0]["origin"] == "Conv 'second'"


def indices(float_percent, final_percent):
    return OutputParity(
        "rows", Distance(3.0, 0.2, float_percent), Distance(-2.0, 0.1, final_percent)
    )


def test_indices_are_judged_by_how_many_are_equal():
    enforce_parity(report(indices(100.0, 93.0)), Thresholds())
    enforce_parity(report(indices(100.0, 60.0)), Thresholds(min_equal=60))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (indices(100.0, 89.0), "output 'rows' has 89.0 % equal values, at least 90 % are wanted"),
        (indices(98.0, 95.0), "float output 'rows' has 98.0 % equal values, at least 99 %"),
    ],
)
def test_too_few_equal_indices(given, words):
    error = refused(report(given))
    assert words in error.message
    assert "SQNR" not in error.message
