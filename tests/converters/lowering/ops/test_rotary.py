"""RotaryEmbedding against onnxruntime."""

import numpy as np
import pytest
from onnx import TensorProto, helper

_ANGLES = np.random.default_rng(0).uniform(-3, 3, (8, 2)).astype(np.float32)


def _check(lower, make_model, shape, positions, *, half=2, computed=False, **attributes):
    tables = {"c": np.cos(_ANGLES[:, :half]), "s": np.sin(_ANGLES[:, :half])}
    names = ["x", "c", "s"]
    inputs, constants = {"x": np.ones(shape, np.float32)}, {}
    if positions is None:
        tables = {name: np.stack([table[:4]] * 2) for name, table in tables.items()}
    else:
        names.append("p")
        (inputs if computed else constants)["p"] = positions
    constants.update(tables)
    node = helper.make_node("RotaryEmbedding", names, ["y"], **attributes)
    model = make_model([node], inputs, ["y"], constants, opset=23)
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    model.graph.output[0].CopyFrom(value)
    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    return lower(model, samples=[{**inputs, "x": x}])


_POSITIONS = np.array([[0, 1, 2, 3], [4, 5, 6, 7]], np.int64)


@pytest.mark.parametrize("interleaved", [0, 1])
@pytest.mark.parametrize("positions", [None, _POSITIONS])
@pytest.mark.parametrize("computed", [False, True])
def test_heads_first(lower, make_model, interleaved, positions, computed):
    _check(lower, make_model, (2, 4, 4, 4), positions, computed=computed, interleaved=interleaved)


@pytest.mark.parametrize("interleaved", [0, 1])
def test_heads_side_by_side(lower, make_model, interleaved):
    lowered = _check(lower, make_model, (2, 4, 8), _POSITIONS, num_heads=2, interleaved=interleaved)
    assert lowered.count("TRANSPOSE") == 0


@pytest.mark.parametrize("interleaved", [0, 1])
def test_part_of_the_features(lower, make_model, interleaved):
    _check(
        lower,
        make_model,
        (2, 4, 4, 4),
        _POSITIONS,
        half=1,
        num_heads=4,
        rotary_embedding_dim=2,
        interleaved=interleaved,
    )
