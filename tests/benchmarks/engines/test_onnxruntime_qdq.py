"""onnxruntime on a quantized source: made here, or given."""

from dataclasses import replace

import onnx
import pytest

from edgekit.benchmarks.engines import EngineUnavailableError, Form, open_engine
from edgekit.benchmarks.engines.checking import check_outputs


def outputs(session, case):
    made = []
    for index in range(len(case.samples)):
        session.run(index)
        made.append(session.outputs())
    return made


def test_it_quantizes_the_source_on_the_samples(onnx_case, expected):
    session = open_engine("onnxruntime-qdq").prepare(onnx_case)
    made = outputs(session, onnx_case)
    check = check_outputs(onnx_case, "numpy", (Form.FLOAT, Form.QUANTIZED), expected, made)
    assert 20 < check.sqnr_db < 60  # near, but rounded to int8
    assert session.description.form is Form.QUANTIZED
    assert session.description.how.endswith("calibrated on 8 samples")


def test_a_given_model_is_run_as_it_is(onnx_case, expected, assert_close):
    # The float model stands for a quantized one, so that rounding would show.
    session = open_engine("onnxruntime-qdq").prepare(
        replace(onnx_case, onnx=None, onnx_qdq=onnx_case.onnx)
    )
    assert_close(outputs(session, onnx_case), expected)
    assert session.description.how == "QDQ as given, CPU provider"
    assert onnx.load_from_string(onnx_case.onnx).graph.node


def test_without_a_source_it_says_what_to_give(case):
    with pytest.raises(EngineUnavailableError, match="not given") as raised:
        open_engine("onnxruntime-qdq").prepare(case)
    assert "--qdq" in raised.value.hint
