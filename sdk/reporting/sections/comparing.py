"""Comparing: verdicts of `edgekit compare`, and medians of several results beside each other."""

from collections.abc import Sequence

from edgekit.benchmarks.comparing import Comparison
from edgekit.reporting.document import Block, Chart, Prose, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.numbers import number, pair
from edgekit.reporting.subject import Subject

__all__ = ["comparing"]


def comparing(
    subjects: Sequence[Subject], comparisons: Sequence[Comparison] = ()
) -> Section | None:
    """Return verdicts, and the medians of two and more results; None for less."""
    measured = [item for item in subjects if item.result]
    blocks: list[Block] = [_verdicts(comparisons)] if comparisons else []
    for item in comparisons:
        blocks += [
            Prose(f"{item.first.source} and {item.second.source}: {reason}.", is_warning=True)
            for reason in (*item.unstable_reasons, *item.forced)
        ]
    if len(measured) > 1:
        blocks += [_medians(measured), *_unlike(measured)]
    return Section("comparison", "Comparison", tuple(blocks)) if blocks else None


def _verdicts(comparisons: Sequence[Comparison]) -> Table:
    rows = []
    for item in comparisons:
        ratio = item.ratio
        rows.append(
            (
                item.first.source,
                item.second.source,
                f"{ratio.value:.4f}",
                "{:.4f} to {:.4f}".format(*ratio.interval) if ratio.interval else "",
                str(item.verdict),
                ratio.method,
            )
        )
    columns = ("first", "second", "ratio", "interval", "verdict on the second", "how")
    title = "Latency of the second over that of the first"
    return Table(title, columns, tuple(rows), frozenset(("ratio", "interval")))


def _medians(measured: Sequence[Subject]) -> Chart:
    medians = [(item.name, item.result.latency) for item in measured if item.result]
    bounds = [latency.interval or (latency.value, latency.value) for _, latency in medians]
    first_name, first = medians[0]
    numbers = ("median", "interval", f"ratio to {first_name}")
    table = Table(
        "Median latencies",
        ("result", *numbers),
        tuple(
            (
                name,
                f"{number(latency.value)} us",
                pair(*bound),
                f"{latency.value / first.value:.3f}",
            )
            for (name, latency), bound in zip(medians, bounds, strict=True)
        ),
        frozenset(numbers),
    )
    names, values = [name for name, _ in medians], [latency.value for _, latency in medians]
    fastest, slowest = names[values.index(min(values))], names[values.index(max(values))]
    text = (
        f"{fastest} has the lowest median, {number(min(values))} us, {slowest} the highest, "
        f"{number(max(values))} us. These are separate runs; for a verdict run both in turns: "
        "edgekit compare A.edgekit B.edgekit."
    )
    svg = draw_bars("medians", names, values, "median latency, us", bounds)
    return Chart(table.title, text, svg, table)


def _unlike(measured: Sequence[Subject]) -> list[Block]:
    """Return a warning for each result that was measured elsewhere than the first."""
    blocks: list[Block] = []
    first, *others = measured
    for item in others:
        assert first.result is not None
        assert item.result is not None
        before, after = (each.environment.to_json() for each in (first.result, item.result))
        unlike = ", ".join(
            f"{key} {before[key]} and {after[key]}" for key in before if before[key] != after[key]
        )
        if unlike:
            blocks.append(
                Prose(f"{first.name} and {item.name} differ in {unlike}.", is_warning=True)
            )
    return blocks
