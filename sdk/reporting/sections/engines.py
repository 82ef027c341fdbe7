"""Engines: the same model by several of them, with their outputs held against each other."""

from collections.abc import Sequence

from edgekit.benchmarks.engines import EngineTable
from edgekit.reporting.document import Block, Chart, Prose, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.numbers import number, pair

__all__ = ["engines"]


def engines(tables: Sequence[EngineTable]) -> Section | None:
    """Return latencies and agreement of each table; None without tables."""
    blocks: list[Block] = []
    for table in tables:
        blocks += [_speed(table), *_checks(table)]
    return Section("engines", "Engines", tuple(blocks)) if blocks else None


def _speed(table: EngineTable) -> Chart:
    names, values, bounds, rows = [], [], [], []
    for row in table.rows:
        latency, ratio = table.latency(row), table.ratio(row)
        if latency is None or ratio is None:
            rows.append((row.engine, f"not run: {row.reason}", "", "", ""))
            continue
        what = row.description
        assert what is not None
        interval = latency.interval or (latency.value, latency.value)
        names.append(row.engine)
        values.append(latency.value)
        bounds.append(interval)
        rows.append(
            (
                row.engine,
                f"{what.package} {what.version}, {what.how}",
                f"{number(latency.value)} us",
                pair(*interval),
                f"{ratio.value:.2f}",
            )
        )
    numbers = ("latency", "interval", "ratio")
    data = Table(
        f"Engines on {table.model}, {table.inputs} (measured)",
        ("engine", "what ran", *numbers),
        tuple(rows),
        frozenset(numbers),
    )
    text = f"No engine ran {table.model}."
    if names:
        fastest = names[values.index(min(values))]
        text = (
            f"{len(names)} of {len(rows)} engines ran {table.model}; {fastest} is the fastest, "
            f"{number(min(values))} us. Ratios are to {names[0]}, from common rounds."
        )
    svg = draw_bars(f"engines of {table.model}", names, values, "latency, us", bounds)
    return Chart(f"Engines on {table.model}", text, svg, data)


def _checks(table: EngineTable) -> list[Block]:
    found = [(row.engine, check) for row in table.rows for check in row.checks]
    if not found:
        return []
    numbers = ("SQNR", "same top-1", "values that differ")
    rows = tuple(
        (
            engine,
            check.against,
            "equal" if check.sqnr_db is None else f"{check.sqnr_db:.1f} dB",
            "" if check.top1_percent is None else f"{check.top1_percent:.1f} %",
            "" if check.differing_percent is None else f"{check.differing_percent:.2f} %",
        )
        for engine, check in found
    )
    title = f"Outputs of {table.model} held against each other (measured)"
    blocks: list[Block] = [Table(title, ("engine", "against", *numbers), rows, frozenset(numbers))]
    blocks += [
        Prose(
            f"{engine} and {check.against} disagree: at least {check.min_sqnr_db:g} dB are "
            "to be expected.",
            is_warning=True,
        )
        for engine, check in found
        if not check.agrees
    ]
    return blocks
