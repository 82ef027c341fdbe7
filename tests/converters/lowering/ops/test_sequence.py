"""CumSum and ReverseSequence against onnxruntime."""

import numpy as np
import pytest
from onnx import helper


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("exclusive", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
def test_running_sums(lower, make_model, axis, exclusive, reverse):
    attributes = {"exclusive": exclusive, "reverse": reverse}
    node = helper.make_node("CumSum", ["x", "a"], ["y"], **attributes)
    model = make_model([node], {"x": (3, 3, 3)}, ["y"], {"a": np.array(axis, np.int64)})
    assert lower(model).kinds == ["CUMSUM"]


@pytest.mark.parametrize(("time", "batch"), [(0, 1), (1, 0)])
@pytest.mark.parametrize("known", [True, False])
def test_reversed_sequences(lower, make_model, time, batch, known):
    attributes = {"time_axis": time, "batch_axis": batch}
    node = helper.make_node("ReverseSequence", ["x", "l"], ["y"], **attributes)
    lengths = np.array([1, 4, 3, 2], np.int64)
    data = np.arange(48, dtype=np.float32).reshape(4, 4, 3)
    inputs = {"x": data} if known else {"x": data, "l": lengths}
    model = make_model([node], inputs, ["y"], {"l": lengths} if known else {})
    assert lower(model, samples=[inputs]).kinds == ["REVERSE_SEQUENCE"]
