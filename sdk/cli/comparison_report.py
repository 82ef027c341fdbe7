"""What `edgekit compare` prints: both latencies, their ratio, and the verdict in words."""

from typing import Any

from edgekit.benchmarks.comparing import Comparison, Verdict
from edgekit.cli.tables import make_table, print_table

__all__ = ["show_comparison"]


def show_comparison(console: Any, comparison: Comparison) -> None:
    """Print a comparison on a rich console."""
    table = make_table("", "model", "latency", "provenance", "how", right=("latency",))
    sides = zip((comparison.first, comparison.second), comparison.latencies(), strict=True)
    for subject, latency in sides:
        value = f"{latency.value:,.2f} {latency.unit}"
        table.add_row(subject.source, subject.name, value, str(latency.provenance), latency.method)
    print_table(console, f"on {comparison.target}, inputs {comparison.inputs}", table)
    ratio = comparison.ratio
    low, high = ratio.interval or (ratio.value, ratio.value)
    console.print(
        f"ratio second to first {ratio.value:.4f} ({low:.4f} to {high:.4f}, {ratio.method})"
    )
    console.print(f"{comparison.verdict}: {_explained(comparison)}", style="bold")
    if not comparison.in_turns:
        console.print(
            "measured apart: what varies from run to run is only assumed; compare the bundles to "
            "have them run in turns"
        )
    for field in comparison.forced:
        console.print(f"FORCED: {field}", style="bold red")
    # Turns share what disturbs them; of results, it may be all that there is to see.
    label, style = ("note", None) if comparison.in_turns else ("UNSTABLE", "bold red")
    for reason in comparison.unstable_reasons:
        console.print(f"{label}: {reason}", style=style)


def _explained(comparison: Comparison) -> str:
    ratio, threshold = comparison.ratio, comparison.threshold
    low, high = ratio.interval or (ratio.value, ratio.value)
    name = comparison.second.source
    if comparison.verdict is Verdict.SLOWER:
        return f"{name} takes {ratio.value - 1:.1%} longer"
    if comparison.verdict is Verdict.FASTER:
        return f"{name} takes {1 - ratio.value:.1%} less time"
    hidden = max(high - 1, 1 / low - 1)
    if hidden <= threshold:
        return f"the same within {threshold:.1%}"
    return f"less than {threshold:.1%}, or too uncertain: up to {hidden:.1%} is possible"
