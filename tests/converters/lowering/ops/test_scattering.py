"""ScatterElements and ScatterND against onnxruntime, known and computed places."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

DATA = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
UPDATES = np.random.default_rng(1).standard_normal((2, 4)).astype(np.float32)


def run(lower, make_model, kind, indices, known, **attributes):
    node = helper.make_node(kind, ["x", "i", "u"], ["y"], **attributes)
    inputs = {"x": DATA, "u": UPDATES}
    constants = {"i": indices} if known else {}
    inputs |= {} if known else {"i": indices}
    return lower(make_model([node], inputs, ["y"], constants), samples=[inputs])


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("axis", [0, 1, -2])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_elements(lower, make_model, known, axis, dtype):
    places = {0: [[0, 1, 2, -1], [1, -2, 0, 0]], 1: [[3, 0, 1, 2], [0, -1, 2, 1]]}
    indices = np.array(places[axis % 2], dtype)
    run(lower, make_model, "ScatterElements", indices, known, axis=axis)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("reduction", ["none", "add"])
def test_slices(lower, make_model, known, reduction):
    run(lower, make_model, "ScatterND", np.array([[2], [-4]]), known, reduction=reduction)


@pytest.mark.parametrize("reduction", ["mul", "max", "min"])
def test_reductions_at_known_places(lower, make_model, reduction):
    run(lower, make_model, "ScatterND", np.array([[3], [0]]), known=True, reduction=reduction)


def test_sums_may_meet(lower, make_model):
    run(lower, make_model, "ScatterND", np.array([[1], [1]]), known=False, reduction="add")


@pytest.mark.parametrize(
    ("indices", "known", "message"),
    [([[1], [1]], True, "places repeat"), ([[1], [2]], False, "may meet some twice")],
)
def test_other_reductions_that_may_meet_are_refused(lower, make_model, indices, known, message):
    with pytest.raises(RefusedError, match=message):
        run(lower, make_model, "ScatterND", np.array(indices), known, reduction="mul")
