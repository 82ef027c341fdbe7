"""Figures and tables read well and lose nothing."""

import io

import pytest
from rich.console import Console

from edgekit.cli.tables import age, byte_size, dimensions, make_table, print_table


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 30, "3.0 GiB"),
        (5 << 40, "5,120.0 GiB"),
    ],
)
def test_sizes(count, text):
    assert byte_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (7199, "1 hour"),
        (7200, "2 hours"),
        (86400 * 3, "3 days"),
    ],
)
def test_ages(seconds, text):
    assert age(seconds) == text


def test_dimensions():
    assert dimensions((1, 49, 10)) == "1x49x10"
    assert dimensions(("batch", 3)) == "batchx3"
    assert dimensions(()) == "scalar"


def test_a_narrow_table_folds_cells_and_keeps_names_whole():
    stream = io.StringIO()
    table = make_table("name", "text", "count", right=("count",), whole=("name",))
    table.add_row("a-name-of-some-length", "word" * 20, "7")
    print_table(Console(file=stream, width=50), "A title that is wider than the table", table)
    text = stream.getvalue()
    assert text.startswith("A title that is wider than the table\n")
    assert "a-name-of-some-length" in text
    assert text.count("word") + text.count("wor") >= 15
    assert "…" not in text
