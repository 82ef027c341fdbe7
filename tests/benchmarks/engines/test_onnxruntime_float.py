"""onnxruntime on the float source: real values in, real values out."""

from dataclasses import replace

import pytest

from edgekit.benchmarks.engines import EngineUnavailableError, Form, open_engine


def outputs(session, case):
    made = []
    for index in range(len(case.samples)):
        session.run(index)
        made.append(session.outputs())
    return made


def test_it_computes_the_source(onnx_case, expected, assert_close):
    session = open_engine("onnxruntime").prepare(onnx_case)
    assert_close(outputs(session, onnx_case), expected)
    assert session.description.form is Form.FLOAT
    assert session.description.package == "onnxruntime"


def test_without_a_source_it_says_what_to_give(case):
    with pytest.raises(EngineUnavailableError, match="the source, which was not given") as raised:
        open_engine("onnxruntime").prepare(case)
    assert "--source" in raised.value.hint


def test_a_source_of_another_model_is_refused(onnx_case, small_models):
    other = small_models.scores_model().SerializeToString()
    with pytest.raises(EngineUnavailableError, match="has no input 'a'"):
        open_engine("onnxruntime").prepare(replace(onnx_case, onnx=other))
