"""Slice against onnxruntime: every opset, steps, directions, bounds beyond the ends."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

LAST = np.iinfo(np.int64).max
FIRST = np.iinfo(np.int64).min


def slice_model(make_model, shape, starts, ends, axes, steps):
    constants = {
        name: np.array(values, np.int64)
        for name, values in zip("seap", (starts, ends, axes, steps), strict=True)
    }
    node = helper.make_node("Slice", ["x", "s", "e", "a", "p"], ["y"])
    return make_model([node], {"x": shape}, ["y"], constants)


@pytest.mark.parametrize(
    ("starts", "ends", "axes", "steps", "kinds"),
    [
        ([1], [3], [1], [1], ["SLICE"]),
        ([-3, 0], [LAST, -1], [2, -1], [1, 1], ["SLICE"]),
        ([0, 1], [LAST, LAST], [2, 3], [2, 2], ["STRIDED_SLICE"]),
        ([-1], [FIRST], [1], [-1], ["STRIDED_SLICE"]),
        ([3, -1], [0, -4], [3, 1], [-2, -1], ["STRIDED_SLICE"]),
        ([2], [-LAST], [0], [-3], ["SLICE"]),
        ([0], [100], [1], [1], ["RESHAPE"]),
    ],
)
def test_slices(lower, make_model, starts, ends, axes, steps, kinds):
    model = slice_model(make_model, (4, 4, 4, 4), starts, ends, axes, steps)
    assert lower(model).kinds == kinds


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_slice(lower, make_model, data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=5), label="shape")
    axes = data.draw(st.permutations(range(len(shape))))[: data.draw(st.integers(1, len(shape)))]
    bound = st.integers(-6, 6)
    starts, ends = ([data.draw(bound) for _ in axes] for _ in "se")
    steps = [data.draw(st.sampled_from([-3, -2, -1, 1, 2, 3])) for _ in axes]
    sizes = [
        len(range(shape[a])[s:e:p]) for a, s, e, p in zip(axes, starts, ends, steps, strict=True)
    ]
    if 0 in sizes:
        return
    lower(slice_model(make_model, shape, starts, ends, axes, steps))


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_pictures_stay_channels_last(lower, make_model, axis):
    constants = {
        "w": np.ones((4, 4, 1, 3), np.float32),
        "s": np.array([1]),
        "e": np.array([3]),
        "a": np.array([axis]),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[0, 1, 0, 1]),
        helper.make_node("Slice", ["c", "s", "e", "a"], ["y"]),
    ]
    lowered = lower(make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], constants))
    assert lowered.kinds == ["CONV_2D", "SLICE"]


def test_bounds_as_attributes(lower, make_model):
    node = helper.make_node("Slice", ["x"], ["y"], starts=[1, 0], ends=[3, -1])
    assert lower(make_model([node], {"x": (4, 4)}, ["y"], opset=9)).kinds == ["SLICE"]


def test_whole_axes_are_merged_where_there_are_many(lower, make_model):
    model = slice_model(make_model, (2, 2, 2, 4, 2, 2), [1], [3], [3], [1])
    assert "SLICE" in lower(model).kinds


def test_slices_of_slices_become_one(lower, make_model):
    constants = {"s": np.array([1]), "e": np.array([LAST]), "b": np.array([2]), "c": np.array([3])}
    constants |= {"p": np.array([2]), "m": np.array([-1]), "f": np.array([FIRST])}
    nodes = [
        helper.make_node("Slice", ["x", "s", "e", "b", "p"], ["t"]),
        helper.make_node("Slice", ["t", "m", "f", "b", "m"], ["u"]),
        helper.make_node("Slice", ["u", "s", "e", "c", "p"], ["y"]),
    ]
    lowered = lower(make_model(nodes, {"x": (1, 6, 6, 6)}, ["y"], constants))
    assert lowered.kinds == ["STRIDED_SLICE"]


def test_computed_bounds_are_refused(lower, make_model):
    node = helper.make_node("Slice", ["x", "s", "e"], ["y"])
    model = make_model([node], {"x": (4,), "s": np.zeros(1, np.int64)}, ["y"], {"e": np.array([3])})
    with pytest.raises(RefusedError, match="input 1 is computed"):
        lower(model)


def test_too_many_sliced_axes_are_refused(lower, make_model):
    axes = list(range(6))
    model = slice_model(make_model, (3,) * 6, [1] * 6, [3] * 6, axes, [1] * 6)
    with pytest.raises(RefusedError, match="slices a tensor of 6 axes"):
        lower(model)
