"""Emulated boards: what was counted of a model on each, its layers, and the firmware's memory."""

from collections.abc import Sequence

from edgekit.benchmarks.emulator import EmulationResult, Owner
from edgekit.reporting.document import Block, Chart, Prose, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.numbers import measurement_row

__all__ = ["emulated"]

_SHOWN = 20


def emulated(emulations: Sequence[EmulationResult]) -> Section | None:
    """Return figures, layers and memory of each emulation; None without emulations."""
    blocks: list[Block] = []
    for result in emulations:
        blocks.append(_figures(result))
        blocks.extend(Prose(gap, is_warning=True) for gap in result.gaps)
        if result.layers:
            blocks.append(_layers(result))
        blocks.append(_memory(result))
    return Section("emulated", "Emulated boards", tuple(blocks)) if blocks else None


def _name(result: EmulationResult) -> str:
    return f"{result.model} on {result.device} ({result.core})"


def _figures(result: EmulationResult) -> Table:
    return Table(
        f"{_name(result)}, {result.isa} kernels, inputs {result.inputs}",
        ("figure", "value", "interval", "provenance", "how"),
        tuple(measurement_row(*item) for item in result.measurements().items()),
        frozenset(("value", "interval")),
    )


def _layers(result: EmulationResult) -> Chart:
    whole = sum(layer.instructions for layer in result.layers) or 1
    counts = [(layer.name, layer.instructions) for layer in result.layers]
    table = Table(
        f"Layers of {_name(result)}, first sample (emulated)",
        ("layer", "instructions", "share"),
        tuple((name, f"{count:,}", f"{count / whole:.1%}") for name, count in counts),
        frozenset(("instructions", "share")),
    )
    most = sorted(counts, key=lambda item: -item[1])[:_SHOWN]
    name, count = most[0]
    text = f"{_name(result)}: {name} executes most, {count:,} instructions, {count / whole:.0%}."
    svg = draw_bars(
        f"layers of {_name(result)}",
        [item[0] for item in most],
        [item[1] for item in most],
        "instructions",
    )
    return Chart(f"Instructions of layers of {_name(result)}", text, svg, table)


def _memory(result: EmulationResult) -> Table:
    sizes = result.sizes
    sections = tuple(dict.fromkeys(size.section for size in sizes.sections))
    owners = [owner for owner in Owner if any(size.owner is owner for size in sizes.sections)]
    rows = [
        (str(owner), *(f"{sizes.of(section, owner=owner):,}" for section in sections))
        for owner in owners
    ]
    rows.append(("together", *(f"{sizes.of(section):,}" for section in sections)))
    return Table(
        f"Firmware of {_name(result)}, bytes (emulated)",
        ("whose", *sections),
        tuple(rows),
        frozenset(sections),
    )
