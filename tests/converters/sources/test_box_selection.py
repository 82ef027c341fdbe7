"""Padded selections are onnxruntime's own, with rows of -1 where there are fewer."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import TensorProto, helper, numpy_helper

from edgekit.converters.sources.base import SourceTensor
from edgekit.converters.sources.box_selection import pad_box_selections
from edgekit.converters.sources.canonical import canonicalise
from edgekit.converters.sources.onnx_reference import OnnxReference

BATCHES, CLASSES, AMOUNT = 2, 3, 7
SHAPES = {"boxes": (BATCHES, AMOUNT, 4), "scores": (BATCHES, CLASSES, AMOUNT)}
INPUTS = tuple(SourceTensor(name, "float32", shape) for name, shape in SHAPES.items())
LIMITS = {
    "most": np.array(4),
    "overlap": np.array(0.3, np.float32),
    "least": np.array(0.25, np.float32),
}

quarters = st.integers(0, 4).map(lambda number: number / 4)


def selecting(*more, outputs=("rows",), opset=18, limits=LIMITS, inputs=SHAPES):
    graph = helper.make_graph(
        [
            helper.make_node(
                "NonMaxSuppression", ["boxes", "scores", *LIMITS], ["rows"], name="nms"
            ),
            *more,
        ],
        "boxes",
        [helper.make_tensor_value_info(name, 1, shape) for name, shape in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in limits.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return onnx.shape_inference.infer_shapes(model)


def padded(model, inputs=INPUTS):
    notices = pad_box_selections(model, inputs)
    return notices, OnnxReference(model.SerializeToString())


def random_sample(seed=0):
    generator = np.random.default_rng(seed)
    return {
        name: generator.uniform(0, 1, shape).astype(np.float32) for name, shape in SHAPES.items()
    }


@pytest.mark.parametrize("opset", [11, 12, 13, 18, 21, 23])
def test_the_rows_are_those_of_onnxruntime(opset):
    model = selecting(opset=opset)
    plain = OnnxReference(model.SerializeToString())
    notices, reference = padded(model)
    onnx.checker.check_model(model)
    assert notices == ("NonMaxSuppression 'nms' gives 24 rows, those that select no box are -1",)
    for seed in range(5):
        sample = random_sample(seed)
        rows = reference.run(sample)["rows"]
        assert rows.shape == (BATCHES * CLASSES * 4, 3)
        np.testing.assert_array_equal(rows[rows[:, 0] >= 0], plain.run(sample)["rows"])
        assert np.all(rows[rows[:, 0] < 0] == -1)


def test_each_batch_and_class_has_its_own_rows():
    _, reference = padded(selecting())
    rows = reference.run(random_sample())["rows"].reshape(BATCHES, CLASSES, 4, 3)
    for batch, class_ in np.ndindex(BATCHES, CLASSES):
        found = rows[batch, class_]
        count = int(np.sum(found[:, 0] >= 0))
        np.testing.assert_array_equal(found[:count, :2], [[batch, class_]] * count)
        assert np.all(found[count:] == -1)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_equal_scores_and_boxes_without_area(data):
    model = selecting()
    plain = OnnxReference(model.SerializeToString())
    _, reference = padded(model)
    sample = {
        name: data.draw(hnp.arrays(np.float32, shape, elements=quarters))
        for name, shape in SHAPES.items()
    }
    rows = reference.run(sample)["rows"]
    np.testing.assert_array_equal(rows[rows[:, 0] >= 0], plain.run(sample)["rows"])


def test_nothing_is_selected():
    _, reference = padded(selecting())
    rows = reference.run({name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()})
    assert np.all(rows["rows"] == -1)


def test_there_are_no_more_rows_than_boxes():
    limits = {**LIMITS, "most": np.array([2**62])}
    notices, _ = padded(selecting(limits=limits))
    assert f"gives {BATCHES * CLASSES * AMOUNT} rows" in notices[0]


ROW_BY_ROW = {
    "cast": [helper.make_node("Cast", ["rows"], ["y"], to=TensorProto.FLOAT)],
    "picked": [
        helper.make_node("Gather", ["rows", "two"], ["column"], axis=1),
        helper.make_node("Squeeze", ["column", "one"], ["y"]),
    ],
    "sliced": [
        helper.make_node("Slice", ["rows", "one", "three", "one"], ["part"]),
        helper.make_node("Identity", ["part"], ["y"]),
    ],
    "split": [helper.make_node("Split", ["rows"], ["x", "z", "y"], axis=1, num_outputs=3)],
}
MORE = {"one": np.array([1]), "two": np.array([2]), "three": np.array([3])}


@pytest.mark.parametrize("after", ROW_BY_ROW)
def test_what_keeps_rows_may_follow(after):
    limits = {**LIMITS, **MORE}
    model = selecting(*ROW_BY_ROW[after], outputs=["rows", "y"], limits=limits)
    plain = OnnxReference(model.SerializeToString())
    notices, reference = padded(model)
    sample = random_sample()
    given_rows, wanted = reference.run(sample), plain.run(sample)
    is_row = given_rows["rows"][:, 0] >= 0
    assert len(notices) == 1
    np.testing.assert_array_equal(given_rows["y"][is_row], wanted["y"])
    assert np.all(given_rows["y"][~is_row] == -1)


CHANGING = {
    "boxes are picked": [
        helper.make_node("Gather", ["rows", "two"], ["column"], axis=1),
        helper.make_node("Gather", ["boxes", "column"], ["y"], axis=1),
    ],
    "rows are counted": [helper.make_node("Shape", ["rows"], ["y"])],
    "rows are picked": [helper.make_node("Gather", ["rows", "one"], ["y"], axis=0)],
    "rows are cut": [helper.make_node("Slice", ["rows", "one", "three"], ["y"])],
    "row axis is sliced": [helper.make_node("Slice", ["rows", "one", "three", "zero"], ["y"])],
    "truth": [helper.make_node("Cast", ["rows"], ["y"], to=TensorProto.BOOL)],
    "index of": [helper.make_node("Gather", ["table", "rows"], ["y"], axis=1)],
}


@pytest.mark.parametrize("after", CHANGING)
def test_what_changes_rows_is_left_alone(after):
    table = {"zero": np.array([0]), "table": np.ones((2, 9), np.float32)}
    model = selecting(*CHANGING[after], outputs=["y"], limits={**LIMITS, **MORE, **table})
    before = model.SerializeToString()
    assert pad_box_selections(model, INPUTS) == ()
    assert model.SerializeToString() == before


@pytest.mark.parametrize(
    ("opset", "limits"),
    [(10, {}), (18, {"most": np.array(0)}), (18, {"most": np.array(-3)})],
)
def test_what_selects_nothing_or_is_too_old_is_left_alone(opset, limits):
    assert pad_box_selections(selecting(opset=opset, limits={**LIMITS, **limits}), INPUTS) == ()


def test_a_computed_limit_is_left_alone():
    limits = {name: value for name, value in LIMITS.items() if name != "least"}
    model = selecting(limits=limits, inputs={**SHAPES, "least": ()})
    given_inputs = (*INPUTS, SourceTensor("least", "float32", ()))
    assert pad_box_selections(model, given_inputs) == ()


def test_limits_computed_of_constants_are_constants():
    limits = {**LIMITS, "most": np.array(4, np.int32), "rate": np.array(0.3, np.float64)}
    model = selecting(limits={name: limits[name] for name in ("most", "rate", "least")})
    cast = helper.make_node("Cast", ["rate"], ["overlap"], to=TensorProto.FLOAT)
    wide = helper.make_node("Cast", ["most"], ["wide"], to=TensorProto.INT64)
    model.graph.node.insert(0, cast)
    model.graph.node.insert(0, wide)
    model.graph.node[2].input[2] = "wide"
    assert len(pad_box_selections(model, INPUTS)) == 1


def test_the_source_is_padded_and_says_so():
    class Unpadded:
        name = "another framework"

        def run(self, sample):
            raise NotImplementedError

    source = canonicalise(
        selecting(), kind="onnx", name="boxes", input_shapes={}, reference=Unpadded()
    )
    assert source.outputs == (SourceTensor("rows", "int64", (24, 3)),)
    assert any("24 rows" in notice for notice in source.notices)
    assert source.reference.run(random_sample())["rows"].shape == (24, 3)
