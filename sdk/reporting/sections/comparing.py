"""Comparing: medians of several results beside each other."""

from collections.abc import Sequence

from edgekit.reporting.document import Block, Chart, Prose, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.numbers import number, pair
from edgekit.reporting.subject import Subject

__all__ = ["comparing"]


def comparing(subjects: Sequence[Subject]) -> Section | None:
    """Return the medians of two and more results; None for fewer."""
    measured = [(item.name, item.result) for item in subjects if item.result]
    if len(measured) < 2:
        return None
    (first_name, first), *others = measured
    medians = [(name, result.latency) for name, result in measured]
    bounds = [latency.interval or (latency.value, latency.value) for _, latency in medians]
    table = Table(
        "Median latencies",
        ("result", "median", "interval", f"ratio to {first_name}"),
        tuple(
            (
                name,
                f"{number(latency.value)} us",
                pair(*bound),
                f"{latency.value / medians[0][1].value:.3f}",
            )
            for (name, latency), bound in zip(medians, bounds, strict=True)
        ),
        frozenset(("median", "interval", f"ratio to {first_name}")),
    )
    names, values = [name for name, _ in medians], [latency.value for _, latency in medians]
    fastest, slowest = names[values.index(min(values))], names[values.index(max(values))]
    chart = Chart(
        table.title,
        f"{fastest} has the lowest median, {number(min(values))} us, {slowest} the highest, "
        f"{number(max(values))} us.",
        draw_bars("medians", names, values, "median latency, us", bounds),
        table,
    )
    blocks: list[Block] = [
        chart,
        Prose(
            "These are separate runs. For a verdict with an interval, run both in turn: "
            "edgekit compare A.edgekit B.edgekit."
        ),
    ]
    for name, result in others:
        before, after = first.environment.to_json(), result.environment.to_json()
        unlike = ", ".join(
            f"{key} {before[key]} and {after[key]}" for key in before if before[key] != after[key]
        )
        if unlike:
            blocks.append(Prose(f"{first_name} and {name} differ in {unlike}.", is_warning=True))
    return Section("comparison", "Comparison", tuple(blocks))
