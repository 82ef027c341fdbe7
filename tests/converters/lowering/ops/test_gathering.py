"""Gather, GatherElements, GatherND, Compress against onnxruntime."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

W = np.random.default_rng(3).standard_normal((4, 4, 1, 3)).astype(np.float32)


def conv(source, target):
    return helper.make_node("Conv", [source, "w"], [target], pads=[0, 1, 0, 1])


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
@pytest.mark.parametrize("indices", [0, -1, [3, 0, -2], [[0, 1], [-1, 2]]])
def test_known_places_in_pictures(lower, make_model, axis, indices):
    nodes = [conv("x", "c"), helper.make_node("Gather", ["c", "i"], ["y"], axis=axis)]
    constants = {"w": W, "i": np.array(indices, np.int64)}
    lowered = lower(make_model(nodes, {"x": (4, 4, 4, 4)}, ["y"], constants))
    assert lowered.count("TRANSPOSE") == 0
    assert lowered.count("GATHER") <= 1


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_computed_places_count_from_the_end_too(lower, make_model, dtype):
    node = helper.make_node("Gather", ["x", "i"], ["y"], axis=1)
    example = np.array([[0, -1], [-3, 2]], dtype)
    sample = {"x": np.arange(9, dtype=np.float32).reshape(3, 3), "i": example}
    lower(make_model([node], {"x": (3, 3), "i": example}, ["y"]), samples=[sample])


def test_an_embedding_is_one_gather(lower, make_model):
    node = helper.make_node("Gather", ["t", "i"], ["y"])
    table = np.random.default_rng(0).standard_normal((7, 7)).astype(np.float32)
    ids = np.array([[6, 0, 3]], np.int64)
    model = make_model([node], {"i": ids}, ["y"], {"t": table})
    assert lower(model, samples=[{"i": ids}]).kinds == ["GATHER"]


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("known", [True, False])
def test_elements(lower, make_model, axis, known):
    node = helper.make_node("GatherElements", ["x", "i"], ["y"], axis=axis)
    generator = np.random.default_rng(1)
    indices = generator.integers(-3, 3, (2, 3, 2))
    data = generator.standard_normal((3, 3, 3)).astype(np.float32)
    inputs = {"x": data} if known else {"x": data, "i": indices}
    model = make_model([node], inputs, ["y"], {"i": indices} if known else {})
    lower(model, samples=[inputs])


@pytest.mark.parametrize("batch", [0, 1, 2])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("known", [True, False])
def test_slices(lower, make_model, batch, depth, known):
    node = helper.make_node("GatherND", ["x", "i"], ["y"], batch_dims=batch)
    generator = np.random.default_rng(1)
    indices = generator.integers(-3, 3, (3, 3, depth))
    data = generator.standard_normal((3, 3, 3, 3)).astype(np.float32)
    inputs = {"x": data} if known else {"x": data, "i": indices}
    model = make_model([node], inputs, ["y"], {"i": indices} if known else {})
    lower(model, samples=[inputs])


@pytest.mark.parametrize("attributes", [{}, {"axis": 1}, {"axis": -1}])
def test_compress(lower, make_model, attributes):
    node = helper.make_node("Compress", ["x", "c"], ["y"], **attributes)
    constants = {"c": np.array([True, False, True])}
    assert "GATHER" in lower(make_model([node], {"x": (3, 3, 3)}, ["y"], constants)).kinds


def test_a_computed_condition_is_refused(lower, make_model):
    node = helper.make_node("Compress", ["x", "c"], ["y"], axis=0)
    model = make_model([node], {"x": (3,), "c": np.ones(3, np.bool_)}, ["y"])
    with pytest.raises(RefusedError, match="computed while the model runs"):
        lower(model)
