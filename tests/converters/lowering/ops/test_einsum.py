"""Einsum against onnxruntime, with equal sizes on every axis."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError

_EQUATIONS = [
    "bhid,bhjd->bhij",
    "bhij,bhjd->bihd",
    "bchw,co->bohw",
    "bchw,bc->bhw",
    "bnqd,nde->bqe",
    "bhwc,hkc->bhwk",
    "abcd,abcd->",
    "abcd,abcd->abcd",
    "abcd,ad->bc",
    "abcd->dcba",
    "abcd->bd",
    "abcd,ef->abcdef",
    "...ij,...jk->...ik",
    "...ij,jk->...ik",
    "...i,...i->...",
    "abcd,bdce->ae",
    "ab,cd->abcd",
    "ab,bc",
    "abc,cd,de->abe",
    "a,a->a",
]


def _shapes(equation, size=4):
    parts = equation.partition("->")[0].split(",")
    return [(size,) * (len(part.replace("...", "")) + 2 * ("..." in part)) for part in parts]


@pytest.mark.parametrize("equation", _EQUATIONS)
def test_computed_operands(lower, make_model, equation):
    shapes = dict(zip("xyz", _shapes(equation), strict=False))
    node = helper.make_node("Einsum", list(shapes), ["r"], equation=equation)
    lower(make_model([node], shapes, ["r"]))


@pytest.mark.parametrize("equation", [item for item in _EQUATIONS if item.count(",") == 1])
@pytest.mark.parametrize("known", [0, 1])
def test_known_operands(lower, make_model, equation, known):
    shapes = dict(zip("xy", _shapes(equation), strict=True))
    node = helper.make_node("Einsum", list(shapes), ["r"], equation=equation)
    name = "xy"[known]
    weights = np.random.default_rng(0).standard_normal(shapes.pop(name)).astype(np.float32)
    lower(make_model([node], shapes, ["r"], {name: weights}))


def test_weights_over_channels_move_nothing(lower, make_model):
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["h"]),
        helper.make_node("Einsum", ["h", "w"], ["r"], equation="bchw,co->bohw"),
    ]
    random = np.random.default_rng(0)
    constants = {
        "k": random.standard_normal((4, 4, 1, 1)).astype(np.float32),
        "w": random.standard_normal((4, 4)).astype(np.float32),
    }
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["r"], constants)
    assert lower(model).kinds == ["CONV_2D", "FULLY_CONNECTED"]


def test_axes_of_size_one_broadcast(lower, make_model):
    node = helper.make_node("Einsum", ["x", "y"], ["r"], equation="...ij,...jk->...ik")
    lower(make_model([node], {"x": (1, 3, 4), "y": (2, 4, 5)}, ["r"]))


@pytest.mark.parametrize("equation", ["ii->i", "iij,j->j"])
def test_diagonals_are_refused(lower, make_model, equation):
    shapes = dict(zip("xy", _shapes(equation), strict=False))
    node = helper.make_node("Einsum", list(shapes), ["r"], equation=equation)
    with pytest.raises(RefusedError, match="repeated"):
        lower(make_model([node], shapes, ["r"]))
