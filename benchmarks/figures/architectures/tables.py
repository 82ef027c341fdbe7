"""Tables of what became of families, for a terminal and in Markdown."""

from collections.abc import Iterable, Sequence

from architectures.record import EQUAL_DB, Row

__all__ = ["cells", "decibels", "header", "line", "markdown", "names"]

_COLUMNS = (
    ("family", 22),
    ("operators", 10),
    ("transposes", 11),
    ("float", 8),
    ("int8", 8),
    ("reference", 10),
    ("violations", 11),
    ("s", 7),
    ("model MB", 9),
    ("RSS MB", 8),
)


def header() -> str:
    """Return the head of the terminal's table."""
    return "".join(f"{name:{width}}" for name, width in _COLUMNS)


def line(row: Row) -> str:
    """Return a family's line, what went wrong at its end."""
    widths = (width for _, width in _COLUMNS)
    text = "".join(f"{cell:{width}}" for cell, width in zip(cells(row), widths, strict=True))
    return f"{text}{row.error}".rstrip()


def names() -> list[str]:
    """Return the names of the columns."""
    return [name for name, _ in _COLUMNS]


def cells(row: Row) -> list[str]:
    """Return a family's cells, one for each column."""
    return [
        row.family,
        _count(row.operators),
        _count(row.transposes),
        decibels(row.float_sqnr_db),
        decibels(row.int8_sqnr_db),
        decibels(row.reference_sqnr_db),
        _count(row.violations),
        "-" if row.seconds is None else f"{row.seconds:.1f}",
        "-" if row.model_mb is None else f"{row.model_mb:.2f}",
        _count(row.peak_rss_mb),
    ]


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, all columns but the first flush right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(columns)} |\n" for columns in (head, rule, *lines))


def decibels(value: float | None) -> str:
    """Return a ratio in dB as it stands in a table."""
    if value is None:
        return "-"
    return "equal" if value == EQUAL_DB else f"{value:.1f}"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
