"""A recipe takes what its method has a use for, and numbers that make sense."""

import pytest

from edgekit.compressing import CompressionError, CompressionRecipe, Method, Schedule, Scope
from edgekit.errors import UnknownNameError


def test_names_become_enums():
    recipe = CompressionRecipe("magnitude", scope="layer", schedule="constant")
    assert recipe.method is Method.MAGNITUDE
    assert (recipe.scope, recipe.schedule) == (Scope.LAYER, Schedule.CONSTANT)


@pytest.mark.parametrize(
    ("names", "near"),
    [
        ({"method": "magnitud"}, "magnitude"),
        ({"method": "magnitude", "scope": "globl"}, "global"),
        ({"method": "qat", "schedule": "cosin"}, "cosine"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(names, near):
    with pytest.raises(UnknownNameError, match="unknown") as caught:
        CompressionRecipe(**names)
    assert near in caught.value.hint


@pytest.mark.parametrize(
    "wrong",
    [
        {"sparsity": 0},
        {"sparsity": 1},
        {"sparsity": 1.5},
        {"sparsity": -0.1},
        {"sparsity": float("nan")},
        {"epochs": 0},
        {"epochs": 1.5},
        {"rate": 0.0},
        {"rate": float("inf")},
        {"batch": 1},
        {"seed": -1},
        {"held_out": 1.0},
        {"temperature": 0.0},
        {"hard_share": 1.1},
    ],
)
def test_a_number_out_of_its_range_is_refused(wrong):
    with pytest.raises(CompressionError, match=f"^{next(iter(wrong))} is ") as caught:
        CompressionRecipe("magnitude", **wrong)
    assert "allowed" in caught.value.hint


@pytest.mark.parametrize(
    ("method", "given"),
    [("qat", {"sparsity": 0.5}), ("channels", {"scope": "layer"}), ("magnitude", {"norm": 1})],
)
def test_what_the_method_has_no_use_for_is_refused(method, given):
    with pytest.raises(CompressionError, match=f"{method} has no use for {next(iter(given))}"):
        CompressionRecipe(method, **given)


def test_there_are_two_norms():
    with pytest.raises(CompressionError, match="norm is 3"):
        CompressionRecipe("channels", norm=3)
