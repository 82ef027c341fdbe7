"""Open input shapes are given, or only the batch is fixed."""

import pytest

from edgekit.converters.sources import SourceError
from edgekit.converters.sources.shapes import fix_shape, refuse_unknown_inputs
from edgekit.errors import UnknownNameError


@pytest.mark.parametrize(
    ("declared", "wanted", "shape", "noticed"),
    [
        ([1, 3, 8], None, (1, 3, 8), False),
        (["n", 3, 8], None, (1, 3, 8), True),
        (["n", 3, 8], (2, 3, 8), (2, 3, 8), False),
        (["?", 3, "w"], (1, 3, 5), (1, 3, 5), False),
        ([], None, (), False),
    ],
)
def test_fixed_shapes(declared, wanted, shape, noticed):
    found, notice = fix_shape("x", declared, wanted)
    assert found == shape
    assert (notice == "the dynamic batch of input 'x' is fixed to 1") == noticed


@pytest.mark.parametrize(
    ("declared", "wanted", "message", "hint"),
    [
        (["n", 3, "w"], None, "dynamic dimensions: n,3,w", "--input-shape x:1,3,1"),
        (["n", 3], (1, 3, 4), "3 dimensions, the model has 2", "x:n,3"),
        (["n", 3], (1, 4), "1,4, but the model fixes n,3", "as they are"),
        (["?", 1 << 20], (1 << 10, 1 << 20), "more than 268435456 values", "smaller size"),
    ],
)
def test_shapes_that_are_refused(declared, wanted, message, hint):
    with pytest.raises(SourceError, match=message) as caught:
        fix_shape("x", declared, wanted)
    assert hint in caught.value.hint


def test_shapes_for_what_is_no_input():
    refuse_unknown_inputs(["picture"], {"picture": (1, 2)})
    with pytest.raises(UnknownNameError, match="unknown input 'pictures'"):
        refuse_unknown_inputs(["picture"], {"pictures": (1, 2)})
