"""What `edgekit benchmark --on emulator` prints: figures, layers and memory."""

from typing import Any

from edgekit.benchmarks.emulator import EmulationResult, Owner
from edgekit.cli.tables import make_table, print_table

__all__ = ["show_emulation"]


def show_emulation(console: Any, result: EmulationResult) -> None:
    """Print a result on a rich console."""
    title = f"{result.model} on an emulated {result.device} ({result.core}), inputs {result.inputs}"
    print_table(console, title, _figures(result))
    if result.layers:
        print_table(console, "Layers, first sample", _layers(result))
    print_table(console, "Memory of the firmware, bytes", _memory(result))
    tools = ", ".join(result.tools.values())
    console.print(f"{result.isa} kernels, {result.options.optimisation}; {tools}", soft_wrap=True)
    for gap in result.gaps:
        console.print(gap, soft_wrap=True)


def _figures(result: EmulationResult) -> Any:
    columns = ("figure", "value", "provenance", "interval", "how")
    table = make_table(*columns, right=("value", "interval"))
    for name, measurement in result.measurements().items():
        interval = measurement.interval
        table.add_row(
            name.replace("_", " "),
            f"{_number(measurement.value)} {measurement.unit}",
            str(measurement.provenance),
            f"{_number(interval[0])} to {_number(interval[1])}" if interval else "",
            measurement.method,
        )
    return table


def _layers(result: EmulationResult) -> Any:
    table = make_table("", "layer", "instructions", "share", right=("", "instructions", "share"))
    whole = sum(layer.instructions for layer in result.layers)
    for index, layer in enumerate(result.layers):
        share = layer.instructions / whole if whole else 0.0
        table.add_row(str(index), layer.name, f"{layer.instructions:,}", f"{share:.1%}")
    return table


def _memory(result: EmulationResult) -> Any:
    sizes = result.sizes
    sections = tuple(dict.fromkeys(size.section for size in sizes.sections))
    table = make_table("whose", *sections, right=sections)
    for owner in Owner:
        if any(size.owner is owner for size in sizes.sections):
            cells = [f"{sizes.of(section, owner=owner):,}" for section in sections]
            table.add_row(str(owner), *cells)
    table.add_row("together", *(f"{sizes.of(section):,}" for section in sections))
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 or value == int(value) else f"{value:,.2f}"
