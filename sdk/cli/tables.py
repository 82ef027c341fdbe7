"""Tables and figures as all subcommands print them."""

from collections.abc import Collection, Sequence
from typing import Any

__all__ = ["age", "byte_size", "dimensions", "make_table", "print_table"]

_KIB = 1024


def make_table(*columns: str, right: Collection[str] = (), whole: Collection[str] = ()) -> Any:
    """Return an empty rich table that folds long cells instead of cutting them off.

    Args:
        columns: Headings.
        right: Those of the columns whose cells are aligned at their ends.
        whole: Those whose cells stay on one line, because they are to be copied.
    """
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column in whole,
        )
    return table


def print_table(console: Any, title: str, table: Any) -> None:
    """Print a table below its title, which may be wider than the table."""
    console.print(title, style="bold", soft_wrap=True)
    console.print(table)


def byte_size(count: int) -> str:
    """Return a size in the largest unit that leaves at least 1, with one decimal."""
    for unit, size in (("GiB", _KIB**3), ("MiB", _KIB**2), ("KiB", _KIB)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,} bytes"


def dimensions(shape: Sequence[int | str]) -> str:
    """Return a shape as ``1x49x10``."""
    return "x".join(map(str, shape)) or "scalar"


def age(seconds: float) -> str:
    """Return how long ago something was, in its largest whole unit."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)}"
    return "less than a minute"
