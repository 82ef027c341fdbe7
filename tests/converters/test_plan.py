"""The plan says how the tensors of a file are stored, and why."""

import json
from dataclasses import replace

import pytest

from edgekit.bundle import Scheme
from edgekit.converters.graph import read_graph
from edgekit.converters.plan import PlannedTensor, QuantizationPlan, ScaleSource, plan_of


def test_tensors_with_trained_grids_are_said_to_have_them(tflite_models):
    planned = plan_of(read_graph(tflite_models.conv_model()).main, {"image", "w"})
    trained = [item.name for item in planned if item.scale_source is ScaleSource.TRAINED]
    assert trained == ["image", "w"]


def test_the_plan_of_a_classifier(tflite_models):
    planned = plan_of(read_graph(tflite_models.conv_model()).main)
    assert {
        item.name: (item.dtype, item.granularity, str(item.scale_source)) for item in planned
    } == {
        "image": ("INT8", "per tensor", "calibrated"),
        "w": ("INT8", "per channel", "weights"),
        "b": ("INT32", "per channel", "weights"),
        "conv": ("INT8", "per tensor", "calibrated"),
        "shape": ("INT32", "none", "none"),
        "flat": ("INT8", "per tensor", "same as input"),
        "scores": ("INT8", "per tensor", "fixed by operator"),
    }


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("LOG_SOFTMAX", ScaleSource.FIXED_BY_OPERATOR),
        ("TANH", ScaleSource.FIXED_BY_OPERATOR),
        ("MAX_POOL_2D", ScaleSource.SAME_AS_INPUT),
        ("ADD", ScaleSource.CALIBRATED),
    ],
)
def test_the_operator_decides_where_a_scale_comes_from(tflite_models, kind, source):
    main = read_graph(tflite_models.conv_model()).main
    last = replace(main.operators[-1], kind=kind)
    changed = replace(main, operators=(*main.operators[:-1], last))
    assert plan_of(changed)[-1].scale_source is source


def test_a_plan_is_plain_json():
    tensor = PlannedTensor("t", "INT8", "per tensor", ScaleSource.CALIBRATED)
    plan = QuantizationPlan(Scheme.INT8, "own", "data.npz", 100, "ab" * 32, (tensor,))
    assert json.loads(json.dumps(plan.to_json())) == {
        "schema_version": 1,
        "scheme": "int8",
        "method": "own",
        "calibration_origin": "data.npz",
        "calibration_samples": 100,
        "calibration_sha256": "ab" * 32,
        "tensors": [
            {
                "name": "t",
                "dtype": "INT8",
                "granularity": "per tensor",
                "scale_source": "calibrated",
            }
        ],
    }
