"""Low-rank branches go into the weights beside them; onnxruntime runs the model as it was."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.low_rank import merge_low_rank
from edgekit.converters.lowering.lower import folded_source
from edgekit.converters.lowering.no_ops import drop_no_ops
from edgekit.converters.sources.canonical import canonicalise


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs.split(), [output], name=output, **attributes)


def weights(*shape, seed=0):
    return (np.random.default_rng(seed).standard_normal(shape) / 2).astype(np.float32)


CONSTANTS = {
    "w": weights(12, 9),
    "wt": weights(9, 12),
    "b": weights(9, seed=1),
    "a": weights(12, 3, seed=2),
    "at": weights(3, 12, seed=2),
    "up": weights(3, 9, seed=3),
    "upt": weights(9, 3, seed=3),
    "low_bias": weights(3, seed=4),
    "scale": np.float32(0.5),
    "each": weights(9, seed=5),
}
DENSE = {
    "plain": "x w MatMul h|x a MatMul p|p up MatMul q|h q Add y",
    "branch first": "x w MatMul h|x a MatMul p|p up MatMul q|q h Add y",
    "subtracted": "x w MatMul h|x a MatMul p|p up MatMul q|h q Sub y",
    "bias and scale after": (
        "x w MatMul m|m b Add h|x a MatMul p|p up MatMul q|q scale Mul s|h s Add y"
    ),
    "scale between": "x w MatMul h|x a MatMul p|p scale Div s|s up MatMul q|h q Add y",
    "scale before": "x w MatMul h|scale x Mul s|s a MatMul p|p up MatMul q|h q Add y",
    "a scale each": "x w MatMul h|x a MatMul p|p up MatMul q|q each Mul s|h s Add y",
    "bias last": "x w MatMul h|x a MatMul p|p up MatMul q|h q Add s|s b Add y",
    "bias minus": "x w MatMul h|x a MatMul p|p up MatMul q|h q Add s|b s Sub y",
    "bias within": "x w MatMul h|x a MatMul p|p low_bias Add s|s up MatMul q|h q Add y",
    "transposed": "x w MatMul h|at Transpose t|x t MatMul p|upt Transpose u|p u MatMul q|h q Add y",
    "dropout": "x w MatMul h|x Dropout d|d a MatMul p|p up MatMul q|h q Add y",
    "identity": "x w MatMul h|x Identity d|d a MatMul p|p up MatMul q|q Identity r|h r Add y",
    "two branches": (
        "x w MatMul h|x a MatMul p|p up MatMul q|h q Add r|x a MatMul p2|p2 scale Mul s|"
        "s up MatMul q2|r q2 Add y"
    ),
    "magnitudes": (
        "x w MatMul m|m b Add h|h b Sub c|each c Mul d|x a MatMul p|p up MatMul q|each q Mul s|"
        "d s Add e|h e Add y"
    ),
}


def dense(text):
    """Read ``x w MatMul h|...``: inputs, operator, output."""
    lines = (line.split() for line in text.split("|"))
    return [node(words[-2], " ".join(words[:-2]), words[-1]) for words in lines]


def merged_in(model):
    source = canonicalise(model, kind="onnx", name="model", input_shapes={})
    return merge_low_rank(drop_no_ops(folded_source(source)))[1]


@pytest.mark.parametrize("form", DENSE)
def test_beside_a_dense_layer(lower, make_model, form):
    model = make_model(dense(DENSE[form]), {"x": (2, 5, 12)}, ["y"], CONSTANTS)
    assert lower(model).kinds == ["FULLY_CONNECTED"]
    (item,) = merged_in(model)
    assert (item.weights, item.merged) == ("w", "w/merged")
    assert item.node == ("MatMul 'm'" if "m b" in DENSE[form] else "MatMul 'h'")
    assert {branch.rank for branch in item.branches} == {3}
    assert item.low_rank_values == 3 * (12 + 9)


@pytest.mark.parametrize(
    ("form", "scale"),
    [("plain", 1.0), ("subtracted", -1.0), ("bias and scale after", 0.5), ("scale between", 2.0),
     ("scale before", 0.5), ("a scale each", None), ("bias minus", -1.0)],
)  # fmt: skip
def test_the_scale_and_the_change_are_told(make_model, form, scale):
    model = make_model(dense(DENSE[form]), {"x": (2, 5, 12)}, ["y"], CONSTANTS)
    (item,) = merged_in(model)
    assert item.branches[0].scale == scale
    product = CONSTANTS["a"].astype(np.float64) @ CONSTANTS["up"]
    if scale in (0.5, 2.0):
        change = np.abs(scale * product).max() / np.abs(CONSTANTS["w"]).max()
        assert item.largest_change == pytest.approx(change, rel=1e-5)


def test_gemm(lower, make_model):
    model = make_model(
        [
            node("Gemm", "x wt b", "h", transB=1, alpha=1.5, beta=0.5),
            node("Gemm", "x at", "p", transB=1, alpha=0.25),
            node("Gemm", "p upt b", "q", transB=1),
            node("Add", "h q", "y"),
        ],
        {"x": (4, 12)}, ["y"], CONSTANTS,
    )  # fmt: skip
    assert lower(model).kinds == ["FULLY_CONNECTED"]
    (item,) = merged_in(model)
    assert item.branches[0].scale == 0.25
    assert item.branches[0].factors == ("at", "upt")
    change = 0.5 * CONSTANTS["wt"] + 0.25 * CONSTANTS["upt"] @ CONSTANTS["at"]
    expected = np.abs(change).max() / np.abs(CONSTANTS["wt"]).max()
    assert item.largest_change == pytest.approx(expected, rel=1e-5)


def test_weights_on_the_left(lower, make_model):
    nodes = dense("wt x MatMul h|at x MatMul p|upt p MatMul q|h q Add r|r column Add y")
    constants = {**CONSTANTS, "column": weights(9, 1)}
    model = make_model(nodes, {"x": (2, 12, 5)}, ["y"], constants)
    lower(model)
    assert len(merged_in(model)) == 1


def test_an_embedding(lower, make_model):
    nodes = dense("table ids Gather h|low ids Gather p|p up MatMul q|q scale Mul s|h s Add y")
    constants = {**CONSTANTS, "table": weights(20, 9), "low": weights(20, 3)}
    model = make_model(nodes, {"ids": np.zeros((1, 6), np.int64)}, ["y"], constants)
    assert "FULLY_CONNECTED" not in lower(model).kinds
    assert merged_in(model)[0].weights == "table"


CONVOLUTIONS = {
    "pointwise last": ({}, {"kernel": 3, "then": 1}),
    "pointwise first": ({}, {"kernel": 1, "then": 3}),
    "strided": ({"strides": [2, 2], "pads": [1, 1, 1, 1]}, {"kernel": 3, "then": 1}),
    "dilated": ({"dilations": [2, 2], "pads": [2, 2, 2, 2]}, {"kernel": 3, "then": 1}),
    "padded by itself": ({"auto_pad": "SAME_UPPER"}, {"kernel": 3, "then": 1}),
}


@pytest.mark.parametrize("form", CONVOLUTIONS)
def test_beside_a_convolution(lower, make_model, form):
    geometry, sizes = CONVOLUTIONS[form]
    first, second = ({}, geometry) if sizes["kernel"] == 1 else (geometry, {})
    nodes = [
        node("Conv", "x w b", "h", **geometry),
        node("Conv", "x a", "p", **first),
        node("Conv", "p up c", "q", **second),
        node("Mul", "q scale", "s"),
        node("Add", "h s", "y"),
    ]
    constants = {
        "w": weights(8, 4, 3, 3), "b": weights(8), "c": weights(8, seed=7),
        "a": weights(2, 4, sizes["kernel"], sizes["kernel"], seed=1),
        "up": weights(8, 2, sizes["then"], sizes["then"], seed=2), "scale": np.float32(2),
    }  # fmt: skip
    model = make_model(nodes, {"x": (1, 4, 9, 9)}, ["y"], constants)
    assert lower(model).count("CONV_2D") == 1
    assert merged_in(model)[0].branches[0].rank == 2


APART = {
    "an activation between": "x w MatMul h|x a MatMul p|p Relu r|r up MatMul q|h q Add y",
    "another input": "x w MatMul h|z a MatMul p|p up MatMul q|h q Add y",
    "no weights beside": "x a MatMul p|p up MatMul q|q x2 Add y",
    "two layers beside": "x w MatMul h|x w2 MatMul q|h q Add y",
    "a computed scale": "x w MatMul h|x a MatMul p|p up MatMul q|q z2 Mul s|h s Add y",
    "a scale along tokens": "x w MatMul h|x a MatMul p|p up MatMul q|q tokens Mul s|h s Add y",
}


@pytest.mark.parametrize("form", APART)
def test_what_is_no_branch_stays(lower, make_model, form):
    inputs = {"x": (2, 5, 12), "z": (2, 5, 12), "x2": (2, 5, 9), "z2": (2, 5, 9)}
    constants = {**CONSTANTS, "w2": weights(12, 9, seed=6), "tokens": weights(5, 1)}
    used = {name: shape for name, shape in inputs.items() if f"{name} " in APART[form]}
    model = make_model(dense(APART[form]), used, ["y"], constants)
    lower(model)
    assert not merged_in(model)


@pytest.mark.parametrize("also", ["h", "p", "q"])
def test_a_part_that_others_read_stays(lower, make_model, also):
    model = make_model(dense(DENSE["plain"]), {"x": (2, 5, 12)}, ["y", also], CONSTANTS)
    lower(model)
    assert not merged_in(model)


def test_convolutions_of_other_geometry_stay(lower, make_model):
    nodes = [
        node("Conv", "x w", "h", pads=[1, 1, 1, 1]),
        node("Conv", "x a", "p", pads=[1, 1, 1, 1]),
        node("Conv", "p up", "q"),
        node("Add", "h q", "y"),
    ]
    constants = {"w": weights(8, 4, 3, 3), "a": weights(2, 4, 1, 1), "up": weights(8, 2, 3, 3)}
    model = make_model(nodes, {"x": (1, 4, 9, 9)}, ["y"], constants)
    lower(model)
    assert not merged_in(model)


def test_one_weight_beside_two_branches_in_two_places(lower, make_model):
    again = "z w MatMul i|z a MatMul r|r up MatMul s|i s Add out"
    text = f"{DENSE['plain']}|y Relu t|t back MatMul z|{again}"
    constants = {**CONSTANTS, "back": weights(9, 12, seed=8)}
    model = make_model(dense(text), {"x": (2, 5, 12)}, ["out"], constants)
    assert lower(model).count("FULLY_CONNECTED") == 3
    assert len({item.merged for item in merged_in(model)}) == 2


def test_an_untrained_branch_changes_nothing(make_model):
    constants = {**CONSTANTS, "up": np.zeros((3, 9), np.float32)}
    model = make_model(dense(DENSE["plain"]), {"x": (2, 5, 12)}, ["y"], constants)
    assert merged_in(model)[0].largest_change == 0


def test_a_factor_that_adds_axes_stays(lower, make_model):
    form = "x w MatMul h|x a MatMul i|i b MatMul j|j f Mul k|h k Add y"
    values = {"w": weights(8, 8), "a": weights(8, 2), "b": weights(2, 8)}
    values["f"] = np.full((1, 1, 1), 3, np.float32)
    model = make_model(dense(form), {"x": (4, 8)}, ["y"], values)
    assert merged_in(model) == ()
    assert lower(model).kinds.count("FULLY_CONNECTED") == 3
