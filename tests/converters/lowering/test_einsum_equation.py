"""Equations as NumPy reads them."""

import pytest

from edgekit.converters.lowering.einsum_equation import parse_equation


@pytest.mark.parametrize(
    ("equation", "ranks", "operands", "result"),
    [
        ("ab,bc->ac", (2, 2), ("ab", "bc"), "ac"),
        ("ab, bc -> ac", (2, 2), ("ab", "bc"), "ac"),
        ("ba", (2,), ("ba",), "ab"),
        ("ab,bc", (2, 2), ("ab", "bc"), "ac"),
        ("ab->", (2,), ("ab",), ""),
    ],
)
def test_letters(equation, ranks, operands, result):
    assert parse_equation(equation, ranks) == (tuple(map(tuple, operands)), tuple(result))


def test_an_ellipsis_is_counted_from_behind():
    operands, result = parse_equation("...i,...->...i", (3, 1))
    assert operands == ((".1", ".0", "i"), (".0",))
    assert result == (".1", ".0", "i")


def test_an_ellipsis_comes_first_where_the_result_is_implied():
    assert parse_equation("...ji", (3,)) == (((".0", "j", "i"),), (".0", "i", "j"))
