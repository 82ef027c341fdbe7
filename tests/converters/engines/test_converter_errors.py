"""Texts of real failures in the words of the source; each was printed by the named package."""

import pytest

from edgekit.converters.engines.converter_errors import explain
from edgekit.converters.engines.worker_process import StepFailedError

NODES = (("Conv", "stem"), ("Det", "volume"), ("Floor", "/body/Floor"))


@pytest.fixture
def told(tmp_path):
    def run(step, text, nodes=NODES):
        log = tmp_path / "build.log"
        error = explain(StepFailedError(step, text, log=log), nodes, log)
        assert error.log == log
        assert error.hint.endswith(f"see {log}")
        assert "\n" not in error.message
        return error

    return run


# TensorFlow 2.21, a determinant; shortened in the middle.
FLEX = """ConverterError: x.py:3:0: 'tf.MatrixDeterminant' op is neither a custom op nor a flex op
<unknown>:0: note: loc("Identity"): called from
x.py:3:0: note: Error code: ERROR_NEEDS_FLEX_OPS
<unknown>:0: error: failed while converting: 'main':
Some ops are not supported by the native TFLite runtime, you can enable TF kernels fallback ...
TF Select ops: MatrixDeterminant
Details:
\ttf.MatrixDeterminant(tensor<2x5x5xf32>) -> (tensor<2xf32>) : {device = ""}
"""


def test_operators_that_tflite_lacks(told):
    error = told("lower", FLEX)
    assert error.message.endswith("type asked for: MatrixDeterminant")
    assert error.details == ("MatrixDeterminant comes from Det 'volume'",)


@pytest.mark.parametrize(
    "text",
    [
        "RuntimeError: Quantization to 16x8-bit not yet supported for op: 'FLOOR'.",
        "RuntimeError: Quantization not yet supported for op: 'FLOOR'.",
    ],
)
def test_operators_that_cannot_be_quantized(told, text):
    error = told("quantize", text)
    assert error.message.endswith("type asked for: FLOOR")
    assert error.details == ("FLOOR comes from Floor '/body/Floor'",)


def test_several_operators(told):
    error = told("lower", "x\nTF Select ops: Erf, Det\n", (("Erf", "e"), ("Det", "d")) * 4)
    assert error.message.endswith("type asked for: Det, Erf")
    assert error.details == ("Det comes from Det 'd'",) * 4 + ("Erf comes from Erf 'e'",) * 4


def test_operators_without_a_node_of_that_name(told):
    assert told("lower", "TF Select ops: Mystery\n").details == ()


@pytest.mark.parametrize(
    "text",
    [
        "OSError: [Errno 28] No space left on device",
        "OSError: 1048576 requested and 327680 written",  # NumPy's own
    ],
)
def test_no_space(told, text):
    error = told("quantize", text)
    assert error.message == "the quantize step failed: no space left for temporary or cached files"
    assert "TMPDIR" in error.hint


def test_other_failures_keep_their_first_line_and_name_nodes_that_they_speak_of(told):
    error = told("lower", "ValueError: \n\nnode stem of onnx::stems\nat /body/Floor: bad\n")
    assert error.message == "the lower step failed: ValueError: node stem of onnx::stems"
    assert error.details == (
        "it speaks of Conv 'stem'",
        "it speaks of Floor '/body/Floor'",
    )


def test_names_that_are_part_of_others_are_not_spoken_of(told):
    assert told("lower", "KeyError: stems and /stem and stem_1 and x/body/Floor/y").details == ()
