"""What `inspect` says of the compression in a model that is not converted yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.cli.tables import make_table, print_table
from edgekit.converters.finding import CompressionFinding
from edgekit.errors import EdgekitError

__all__ = ["examined", "show_found"]


def examined(path: Path) -> tuple[tuple[CompressionFinding, ...], str | None]:
    """Return what compression left in a model file, or why it cannot be examined."""
    try:
        from edgekit.converters.compression import examine
        from edgekit.converters.sources import open_source

        return examine(open_source(path)), None
    except EdgekitError as error:
        return (), error.message


def show_found(
    console: Any, findings: Sequence[CompressionFinding], unexamined: str | None
) -> None:
    """Print what was found, or why nothing could be."""
    if unexamined is not None:
        console.print(f"compression not examined: {unexamined}")
    elif findings:
        table = make_table("tensor", "found", "what")
        for item in findings:
            table.add_row(item.tensor, str(item.kind), item.summary)
        print_table(console, "Compression: what training left", table)
