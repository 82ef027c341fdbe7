"""The accuracy ladder as a table: what each rung gained, and what it costs."""

from typing import Any

from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.converters.accuracy import Climb, RungReport

__all__ = ["show_climb", "show_layers"]


def show_climb(console: Any, climbed: Climb) -> None:
    """Print a row for each rung."""
    figures = ("metric", "worst SQNR", "size", "int16 MACs", "float MACs")
    table = make_table("rung", *figures, "outcome", "what", right=figures)
    for rung in climbed.rungs:
        table.add_row(rung.name, *_figures(rung), str(rung.outcome), rung.remark)
    print_table(console, "Accuracy ladder (metric and SQNR measured, costs counted)", table)


def show_layers(console: Any, climbed: Climb) -> None:
    """Print the layers that each rung changed."""
    console.print("layers that each rung changed:")
    for rung in climbed.rungs:
        if rung.layers:
            console.print(f"  {rung.name}: {', '.join(rung.layers)}", markup=False)


def _figures(rung: RungReport) -> tuple[str, ...]:
    cost = rung.cost
    return (
        "" if rung.metric is None else f"{rung.metric:.2f} %",
        "" if rung.sqnr_db is None else f"{rung.sqnr_db:.1f} dB",
        byte_size(cost.model_bytes) if cost else "",
        f"{cost.int16_macs:,}" if cost else "",
        f"{cost.float_macs:,}" if cost else "",
    )
