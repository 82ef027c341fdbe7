"""Attention against onnxruntime: heads, groups, masks, caches, soft caps."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.attention_mask import Mask
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.source_graph import SourceGraph

_RANDOM = np.random.default_rng(0)
_SHAPE = (2, 4, 4, 4)  # batch, heads, length, size


def _check(
    lower, make_model, inputs, constants=None, names=None, outputs=("y",), opset=23, **attributes
):
    names = names or [
        name for name in ("q", "k", "v", "mask") if name in {**inputs, **(constants or {})}
    ]
    node = helper.make_node("Attention", names, list(outputs), **attributes)
    model = make_model([node], inputs, [name for name in outputs if name], constants, opset=opset)
    for value in model.graph.output:
        rank = 3 if len(next(iter(inputs.values()))) == 3 and value.name == "y" else 4
        shape = [f"{value.name}{axis}" for axis in range(rank)]
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, shape))
    return lower(model, tolerance=1e-4)


def _same(shape=_SHAPE):
    return dict.fromkeys(("q", "k", "v"), shape)


def test_plain(lower, make_model):
    assert _check(lower, make_model, _same()).count("TRANSPOSE") == 0


@pytest.mark.parametrize("attributes", [{"scale": 0.3}, {"softcap": 2.0}, {"is_causal": 1}])
@pytest.mark.parametrize("heads", [4, 2, 1])
def test_groups_of_heads(lower, make_model, attributes, heads):
    inputs = {"q": _SHAPE, "k": (2, heads, 6, 4), "v": (2, heads, 6, 5)}
    _check(lower, make_model, inputs, **attributes)


@pytest.mark.parametrize("causal", [0, 1])
def test_heads_side_by_side(lower, make_model, causal):
    inputs = {"q": (2, 4, 8), "k": (2, 6, 4), "v": (2, 6, 4)}
    _check(lower, make_model, inputs, q_num_heads=4, kv_num_heads=2, is_causal=causal)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (2, 4, 4, 4), (1, 1, 4, 4)])
@pytest.mark.parametrize("kind", ["truth", "bias"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("causal", [0, 1])
def test_masks(lower, make_model, shape, kind, known, causal):
    mask = _RANDOM.random(shape) < 0.7 if kind == "truth" else _RANDOM.standard_normal(shape)
    if kind == "truth":
        mask[..., 0] = True
    mask = mask if kind == "truth" else mask.astype(np.float32)
    inputs, constants = dict(_same()), {}
    if known:
        constants["mask"] = mask
    elif kind == "bias":
        inputs["mask"] = shape
    else:
        inputs["mask"] = mask
    _check(lower, make_model, inputs, constants, is_causal=causal)


def test_queries_that_may_attend_to_nothing(lower, make_model):
    mask = np.ones((4, 4), np.bool_)
    mask[2] = False
    lowered = _check(lower, make_model, _same(), {"mask": mask})
    assert lowered.kinds[-2:] == ["MUL", "BATCH_MATMUL"]


@pytest.mark.parametrize("causal", [0, 1])
def test_cache(lower, make_model, causal):
    inputs = {**_same(), "pk": (2, 4, 3, 4), "pv": (2, 4, 3, 4)}
    names = ["q", "k", "v", "", "pk", "pv"]
    outputs = ("y", "present_key", "present_value")
    _check(lower, make_model, inputs, names=names, outputs=outputs, is_causal=causal)


@pytest.mark.parametrize("mode", [0, 3])
def test_scores_as_output(lower, make_model, mode):
    outputs = ("y", "", "", "scores")
    _check(lower, make_model, _same(), outputs=outputs, qk_matmul_output_mode=mode)


@pytest.mark.parametrize("lengths", [[6, 4], [5, 6]])
@pytest.mark.parametrize("causal", [0, 1])
def test_padded_caches(lower, make_model, lengths, causal):
    inputs = {"q": (2, 4, 4, 4), "k": (2, 2, 6, 4), "v": (2, 2, 6, 4)}
    names = ["q", "k", "v", "", "", "", "n"]
    constants = {"n": np.array(lengths, np.int64)}
    _check(lower, make_model, inputs, constants, names=names, opset=24, is_causal=causal)


def test_unusual_precision_is_refused(lower, make_model):
    with pytest.raises(RefusedError, match="softmax_precision"):
        _check(lower, make_model, _same(), softmax_precision=TensorProto.FLOAT16)


def test_masked_scores_hold_infinities():
    graph = SourceGraph((), (), (), {}, {}, {})
    context = Lowering(graph)
    known = np.array([[0.5, -np.inf]], np.float32)
    scores = Formula(context, Value("scores", (1, 1, 1, 2), DataType.FLOAT32))
    Mask(context, known, None).added_exactly(scores)
    add, select = context.builder.nodes
    assert add.inputs[1].data.tolist() == [[0.5, 0.0]]
    assert select.inputs[0].data.tolist() == [[True, False]]
    assert np.isneginf(select.inputs[2].data).all()
