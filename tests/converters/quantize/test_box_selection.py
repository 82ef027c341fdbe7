"""A detection head in integers: its selection alone stays in float, and selects what ONNX would."""

import numpy as np
import onnxruntime
from onnx import helper

from edgekit.converters.cache import Cache
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources.canonical import canonicalise

SIDE, CLASSES = 16, 2  # 256 boxes: no int8 grid could rank them
SELECTION = ["boxes", "scores", "most", "overlap", "least"]
LIMITS = {
    "most": np.array([6]),
    "overlap": np.array([0.3], np.float32),
    "least": np.array([0.5], np.float32),
}


def head():
    generator = np.random.default_rng(0)

    def weights(*shape):
        return generator.standard_normal(shape).astype(np.float32)

    nodes = [
        helper.make_node("Conv", ["x", "first"], ["a"], pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Conv", ["r", "to_boxes"], ["b"]),
        helper.make_node("Conv", ["r", "to_scores"], ["s"]),
        helper.make_node("Reshape", ["b", "box_shape"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["boxes"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["s", "score_shape"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("NonMaxSuppression", SELECTION, ["rows"], name="nms"),
    ]
    constants = {
        "first": weights(8, 3, 3, 3) / 5,
        "to_boxes": weights(4, 8, 1, 1),
        "to_scores": weights(CLASSES, 8, 1, 1),
        "box_shape": np.array([1, 4, -1]),
        "score_shape": np.array([1, CLASSES, -1]),
        **LIMITS,
    }
    return nodes, {"x": (1, 3, SIDE, SIDE)}, ["boxes", "scores", "rows"], constants


def sample(generator):
    return {"x": generator.standard_normal((1, 3, SIDE, SIDE)).astype(np.float32)}


def test_what_stays_in_float_is_named(quantized, model_of):
    result = quantized(model_of(*head()), sample, count=8)
    islands = [item for item in result.violations if item.is_float_island]
    assert len(islands) == len(result.violations) > 0
    assert all("NonMaxSuppression 'nms'" in str(item) for item in islands)
    main = result.graph.main
    for operator in main.operators:
        if operator.kind in ("CONV_2D", "LOGISTIC"):
            assert all(tensor.dtype.value == "INT8" for tensor in main.outputs_of(operator))


def test_it_selects_what_onnx_would_of_its_boxes(model_of, tmp_path):
    samples = [sample(np.random.default_rng(seed)) for seed in range(12)]
    source = canonicalise(model_of(*head()), kind="onnx", name="head", input_shapes={})
    with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
        lowered = engine.lower(source)
        request = QuantizationRequest(float_islands=True)
        content = engine.quantize(lowered, request, samples)
    runner = TfliteRunner(content, lowered.inputs, lowered.outputs)
    orders = {item.name: np.argsort(item.axes) for item in lowered.outputs}
    node = helper.make_node("NonMaxSuppression", SELECTION, ["rows"])
    shapes = {"boxes": (1, SIDE**2, 4), "scores": (1, CLASSES, SIDE**2)}
    alone = onnxruntime.InferenceSession(
        model_of([node], shapes, ["rows"], LIMITS).SerializeToString()
    )
    for item in samples:
        given = {n: np.transpose(v, orders[n]).copy() for n, v in runner.run(item).items()}
        rows = given.pop("rows")
        (wanted,) = alone.run(None, given)
        np.testing.assert_array_equal(rows[rows[:, 0] >= 0], wanted)
