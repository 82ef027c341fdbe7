"""Cast and CastLike against onnxruntime."""

import itertools

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

TYPES = (np.float32, np.int32, np.int64, np.bool_)


@pytest.mark.parametrize(
    ("given", "wanted"), list(itertools.product(TYPES, (*TYPES, np.uint8, np.int8)))
)
def test_every_pair(lower, make_model, given, wanted):
    to = helper.np_dtype_to_tensor_dtype(np.dtype(wanted))
    values = np.array([-2.9, -1.0, -0.4, 0.0, 0.4, 1.5, 100.7])
    if wanted is np.uint8:
        values = np.abs(values)
    sample = {"x": values.astype(given)}
    node = helper.make_node("Cast", ["x"], ["y"], to=to)
    lowered = lower(make_model([node], sample, ["y"]), samples=[sample])
    assert lowered.kinds == (["RESHAPE"] if given is wanted else ["CAST"])


def test_like_another(lower, make_model):
    node = helper.make_node("CastLike", ["x", "t"], ["y"])
    model = make_model([node], {"x": (3,)}, ["y"], {"t": np.zeros(1, np.int32)})
    assert lower(model).kinds == ["CAST"]


def test_types_without_kernels_are_refused(lower, make_model):
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], to=10),
        helper.make_node("Cast", ["h"], ["y"], to=1),
    ]
    with pytest.raises(RefusedError, match="does not compute with float16"):
        lower(make_model(nodes, {"x": (3,)}, ["y"]))
