"""Memory: how many bytes of activations are alive at each operator."""

from collections.abc import Sequence

from edgekit.converters.graph.liveness import live_activation_bytes
from edgekit.reporting.document import Chart, Section, Table
from edgekit.reporting.drawing import canvas
from edgekit.reporting.subject import BundleView, Subject, bundles_of

__all__ = ["memory"]


def memory(subjects: Sequence[Subject]) -> Section | None:
    """Return live bytes over the operators of each bundle; None without bundles."""
    charts = tuple(_chart(name, view) for name, view in bundles_of(subjects))
    return Section("memory", "Memory", charts) if charts else None


def _chart(name: str, view: BundleView) -> Chart:
    main = view.graph.main
    live = live_activation_bytes(main)[: len(main.operators)]
    kinds = [operator.kind for operator in main.operators]
    peak = max(live)
    with canvas(f"memory of {name}") as made:
        edges = [place - 0.5 for place in range(len(live) + 1)]
        kibibytes = [size / 1024 for size in live]
        made.axes.stairs(kibibytes, edges, fill=True, alpha=0.6, color=made.colour(1))
        made.axes.axhline(peak / 1024, color=made.colour(3), linewidth=1.2)
        made.axes.set_xlabel("operator, in the order of execution")
        made.axes.set_ylabel("live activations, KiB")
    table = Table(
        f"Activations of {name}",
        ("operator", "live bytes"),
        tuple(
            (f"{place} {kind}", f"{size:,}")
            for place, (kind, size) in enumerate(zip(kinds, live, strict=True))
        ),
        frozenset(("live bytes",)),
    )
    text = (
        f"{name}: {peak:,} bytes are alive together at most, at operator {live.index(peak)} "
        f"({kinds[live.index(peak)]}); the line. Estimated from the shapes: no arena in this "
        "order can be smaller without computing in place; real ones are larger."
    )
    return Chart(f"Memory of {name}", text, made.svg, table)
