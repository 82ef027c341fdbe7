"""Numbers are short, and keep what matters."""

import pytest

from edgekit.reporting.numbers import number, pair


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12.0, "12"), (12.345, "12.35"), (0.01234, "0.0123"), (123456.7, "123,457")],
)
def test_numbers(value, text):
    assert number(value) == text


def test_intervals():
    assert pair(1.5, 2000) == "1.50 to 2,000"
