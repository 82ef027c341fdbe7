"""The page of operators is what the planners say."""

from pathlib import Path

from edgekit.converters.c import supported_operators
from edgekit.converters.c.docs_page import operators_page
from edgekit.converters.c.library import Isa

PAGE = Path(__file__).parents[3] / "docs" / "c-operators.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == operators_page(), "write it again: make docs"


def test_every_operator_is_portable_and_says_what_it_takes():
    for operator, planners in supported_operators().items():
        assert planners[Isa.PORTABLE].__doc__, operator
        assert f"| {operator} | " in PAGE.read_text()
