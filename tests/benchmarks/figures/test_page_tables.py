"""Tables go between their marks and leave the rest of a page alone."""

import pytest

PAGE = "before\n<!-- one: begin -->\nold\n<!-- one: end -->\nafter\n"


def test_lines_replace_what_was_between_the_marks(script):
    with_tables = script("page_tables").with_tables
    page = with_tables(PAGE, "one", ["| new |", ""])
    assert page == "before\n<!-- one: begin -->\n\n| new |\n\n<!-- one: end -->\nafter\n"
    assert with_tables(page, "one", ["| new |", ""]) == page


def test_a_page_without_marks_is_refused(script):
    with pytest.raises(SystemExit, match="two: begin"):
        script("page_tables").with_tables(PAGE, "two", [])
