"""onnxruntime as the reference, also of what lies between the outputs."""

import numpy as np
import pytest

from edgekit.converters.sources import SourceError
from edgekit.converters.sources.onnx_reference import OnnxReference


@pytest.fixture
def reference(small_models):
    model = small_models.onnx_model(
        [
            small_models.node("Neg", "x", "n"),
            small_models.node("Split", "n", "left right", axis=1, num_outputs=2),
            small_models.node("Relu", "left", "out"),
        ],
        [("x", [1, 4])],
        [("out", [1, 2]), ("right", [1, 2])],
    )
    return OnnxReference(model.SerializeToString())


X = np.float32([[1, -2, 3, -4]])


def test_outputs_by_name(reference):
    given = reference.run({"x": X})
    assert {name: value.tolist() for name, value in given.items()} == {
        "out": [[0, 2]],
        "right": [[-3, 4]],
    }


def test_inner_tensors_in_the_order_of_computation(reference):
    given = reference.run_with_inner_tensors({"x": X})
    assert list(given) == ["n", "left", "right", "out"]
    assert given["n"].tolist() == (-X).tolist()
    assert reference.run({"x": X})["out"].tolist() == given["out"].tolist()


def test_samples_that_do_not_fit_are_one_line(reference):
    for sample in ({"x": X[:, :2]}, {"x": X.astype(np.float64)}, {"y": X}, {}):
        with pytest.raises(SourceError, match="onnxruntime cannot run the model: ") as caught:
            reference.run(sample)
        assert "\n" not in caught.value.message


def test_bytes_that_are_no_model():
    with pytest.raises(SourceError, match="onnxruntime cannot load the model: "):
        OnnxReference(b"garbage")
