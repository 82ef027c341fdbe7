"""Go through families, print a line for each, and keep the record up to date."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from architectures.children import ChildError, in_child
from architectures.record import Record, Row
from architectures.tables import header, line

__all__ = ["SECONDS", "run_all"]

SECONDS = 900.0  # that a family may take, making it and converting it each


def run_all(
    record: Record,
    families: Iterable[str],
    call: Callable[[str], tuple[Callable[..., Row], *tuple[Any, ...]]],
    out: Path | None,
) -> None:
    """Measure each family in a child process; a crash is a row.

    Args:
        record: Takes the rows.
        families: Their names.
        call: Gives a function, and its arguments, that measures a family in a child.
        out: Where to write the record after every family.
    """
    print(header(), flush=True)
    for family in families:
        try:
            row: Row = in_child(*call(family), seconds=SECONDS)
        except ChildError as error:
            row = Row(family, record.engine, record.source, error=str(error))
        record.rows.append(row)
        print(line(row), flush=True)
        if out:
            record.write(out)
