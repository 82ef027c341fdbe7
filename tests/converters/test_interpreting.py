"""Real values in and out of integer models, whichever axes and types they have."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from edgekit.converters.engines.base import Interface
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.runtime.errors import InterpreterError
from edgekit.runtime.interpreter import Kernels

NHWC = (0, 2, 3, 1)


def test_a_picture_classifier_takes_the_sources_layout(tflite_models):
    content = tflite_models.conv_model()
    runner = TfliteRunner(content, [Interface("image", NHWC)], [Interface("scores", (0, 1))])
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 4, 6)).astype(np.float32)
    given = runner.run({"image": picture})["scores"]

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    integers = np.round(picture.transpose(NHWC) * 128) - 3
    interpreter.set_tensor(
        interpreter.get_input_details()[0]["index"], np.clip(integers, -128, 127).astype(np.int8)
    )
    interpreter.invoke()
    raw = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_array_equal(given, (raw.astype(np.float32) + 128) / 256)
    assert given.sum() == pytest.approx(1, abs=0.02)


def test_inputs_and_outputs_go_by_name(tflite_models, tmp_path):
    content = tflite_models.pair_bundle(tmp_path / "pair.edgekit").model
    interfaces = [Interface(name, (0, 1)) for name in ("a", "b", "sum", "product")]
    runner = TfliteRunner(content, interfaces[:2], interfaces[2:], kernels=Kernels.REFERENCE)
    given = runner.run({"a": np.full((1, 4), 1.0), "b": np.full((1, 4), 20.0)})
    assert list(given) == ["sum", "product"]
    np.testing.assert_allclose(given["sum"], 21, atol=0.6)
    np.testing.assert_allclose(given["product"], 20, atol=2.1)
    assert "reference" in str(runner.backend)


def test_integer_inputs_are_passed_as_they_are(tflite_models, tmp_path):
    content = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit").model
    runner = TfliteRunner(
        content, [Interface("ids", (0, 1))], [Interface("vectors", (0, 1, 2))], keep_inner=True
    )
    vectors = runner.run({"ids": np.array([[2, 0, 3]])})["vectors"]
    np.testing.assert_array_equal(vectors, [[[4, 5], [0, 1], [6, 7]]])


def test_samples_that_an_operator_refuses_are_one_error(tflite_models, tmp_path):
    content = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit").model
    runner = TfliteRunner(content, [Interface("ids", (0, 1))], [Interface("vectors", (0, 1, 2))])
    with pytest.raises(InterpreterError, match="failed while running the model"):
        runner.run({"ids": np.array([[2, 0, 999]])})


def test_inner_tensors_are_dequantized_too(tflite_models):
    content = tflite_models.conv_model()
    runner = TfliteRunner(
        content, [Interface("image", NHWC)], [Interface("scores", (0, 1))], keep_inner=True
    )
    runner.run({"image": np.full((1, 3, 4, 6), 0.5, np.float32)})
    indices = {tensor.name: tensor.index for tensor in read_graph(content).main.tensors}
    inner = runner.inner_tensors({**indices, "no such tensor": 99})
    assert "no such tensor" not in inner
    assert inner["conv"].dtype == np.float32
    np.testing.assert_array_equal(inner["conv"].ravel(), inner["flat"].ravel())
    steps = inner["conv"] / tflite_models.CONV_MID["scale"]
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)
    assert inner["w"].dtype == np.int8  # per channel: several scales, left as it is


def test_inner_tensors_without_data_are_left_out(tflite_models):
    content = tflite_models.conv_model()
    runner = TfliteRunner(
        content, [Interface("image", NHWC)], [Interface("scores", (0, 1))], keep_inner=False
    )
    indices = {tensor.name: tensor.index for tensor in read_graph(content).main.tensors}
    count = len(runner._interpreter.get_tensor_details())
    runner.run({"image": np.zeros((1, 3, 4, 6), np.float32)})
    temporary = {f"temporary {index}": index for index in range(len(indices), count)}
    assert set(runner.inner_tensors(indices | temporary)) >= {"image", "scores"}
