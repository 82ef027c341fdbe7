"""NonMaxSuppression against onnxruntime: equal scores, thresholds that are met, flat boxes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import helper


def selecting(make_model, shape, most, overlap, least=None, *, center=0, constants=None):
    batches, _, amount = shape
    limits = {"most": np.array([most]), "overlap": np.array([overlap], np.float32)}
    if least is not None:
        limits["least"] = np.array([least], np.float32)
    node = helper.make_node(
        "NonMaxSuppression",
        ["boxes", "scores", *limits],
        ["rows"],
        name="nms",
        center_point_box=center,
    )
    inputs = {"boxes": (batches, amount, 4), "scores": shape}
    for name in constants or {}:
        del inputs[name]
    return make_model([node], inputs, ["rows"], {**limits, **(constants or {})})


def samples(shape, count=24, *, seed=0, lowest=0):
    """Return samples; every second has few different numbers."""
    batches, _, amount = shape
    generator = np.random.default_rng(seed)
    made = []
    for index in range(count):
        sample = {}
        for name, sizes in (("boxes", (batches, amount, 4)), ("scores", shape)):
            low = lowest if name == "boxes" else 0
            few = generator.integers(low, 6, sizes) / 4
            many = generator.uniform(low / 4, 1, sizes)
            sample[name] = (few if index % 2 else many).astype(np.float32)
        made.append(sample)
    return made


@pytest.mark.parametrize(
    ("shape", "most", "overlap", "least"),
    [
        ((1, 1, 6), 3, 0.5, None),
        ((1, 1, 6), 3, 0.5, 0.25),  # scores that are the threshold
        ((2, 3, 9), 4, 1 / 3, 0.4),
        ((2, 3, 9), 20, 0.0, 0.4),  # fewer boxes than may be selected; none may touch
        ((2, 3, 9), 9, 1.0, 0.4),  # none is suppressed
        ((1, 2, 9), 9, float(np.nextafter(np.float32(1), np.float32(0))), 0.0),
        ((3, 1, 5), 5, 0.4, 1.3),  # few or none
        ((1, 1, 1), 1, 0.4, 0.0),
        ((4, 4, 4), 4, 0.25, 0.5),  # sizes that collide
        ((1, 2, 300), 50, 0.6, 0.4),
    ],
)
@pytest.mark.parametrize("center", [0, 1])
def test_like_onnxruntime(lower, make_model, shape, most, overlap, least, center):
    model = selecting(make_model, shape, most, overlap, least, center=center)
    # With centres, widths below zero are asked for as well: such a box has no area.
    lowered = lower(model, samples=samples(shape, lowest=-2 if center else 0))
    assert lowered.count("NON_MAX_SUPPRESSION_V4") == shape[0] * shape[1]


grid = st.integers(-2, 3).map(lambda number: number / 2)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_colliding_numbers(lower, make_model, data):
    shape = (1, 2, 6)
    overlap = data.draw(st.sampled_from([0.0, 1 / 7, 0.25, 1 / 3, 0.5, 1.0]))
    least = data.draw(st.sampled_from([None, -0.5, 0.0, 0.5, float("inf"), float("-inf")]))
    center = data.draw(st.integers(0, 1))
    model = selecting(make_model, shape, 4, overlap, least, center=center)
    sizes = {"boxes": (1, 6, 4), "scores": shape}
    draws = [
        {
            name: data.draw(hnp.arrays(np.float32, size, elements=grid))
            for name, size in sizes.items()
        }
        for _ in range(3)
    ]
    lower(model, samples=draws)


def test_a_box_without_area_is_selected_once(lower, make_model):
    boxes = np.array([[[0, 0, 1, 1], [0, 0, 0, 1], [2, 2, 3, 3], [5, 5, 5, 5]]], np.float32)
    scores = np.array([[[0.5, 0.9, 0.4, 0.8]]], np.float32)
    model = selecting(make_model, (1, 1, 4), 4, 0.5)
    lower(model, samples=[{"boxes": boxes, "scores": scores}])


def test_boxes_whose_area_is_infinite(lower, make_model):
    boxes = np.array([[[0, 0, 1e30, 1e30], [0, 0, 1, 1], [0, 0, 2e19, 1e19]]], np.float32)
    scores = np.array([[[0.5, 0.9, 0.4]]], np.float32)
    model = selecting(make_model, (1, 1, 3), 3, 0.5)
    lower(model, samples=[{"boxes": boxes, "scores": scores}])


def test_scores_of_minus_infinity_count_without_a_threshold(lower, make_model):
    sample = samples((1, 1, 4), 1)[0]
    scores = np.array([[[-np.inf, 0.5, -np.inf, 0.1]]], np.float32)
    for least in (None, -1.0):
        model = selecting(make_model, (1, 1, 4), 4, 1.0, least)
        lower(model, samples=[{**sample, "scores": scores}])


@pytest.mark.parametrize("known", ["boxes", "scores"])
def test_constant_boxes_or_scores(lower, make_model, known):
    shape = (2, 2, 5)
    first, *others = samples(shape, 5)
    model = selecting(make_model, shape, 3, 0.3, 0.2, constants={known: first[known]})
    lower(model, samples=[{n: v for n, v in other.items() if n != known} for other in others])


def test_picked_boxes_of_torchvision(lower, make_model):
    nodes = [
        helper.make_node("Unsqueeze", ["boxes", "zero"], ["b"]),
        helper.make_node("Unsqueeze", ["scores", "zero_one"], ["s"]),
        helper.make_node("NonMaxSuppression", ["b", "s", "most", "overlap"], ["rows"]),
        helper.make_node("Gather", ["rows", "two"], ["column"], axis=1),
        helper.make_node("Squeeze", ["column", "one"], ["kept"]),
    ]
    constants = {
        "zero": np.array([0]),
        "zero_one": np.array([0, 1]),
        "most": np.array([2**63 - 1]),
        "overlap": np.array([0.4], np.float32),
        "two": np.array([2]),
        "one": np.array([1]),
    }
    model = make_model(nodes, {"boxes": (8, 4), "scores": (8,)}, ["kept"], constants)
    drawn = samples((1, 1, 8), 6)
    lower(model, samples=[{"boxes": d["boxes"][0], "scores": d["scores"][0, 0]} for d in drawn])
