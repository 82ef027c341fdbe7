"""Operators: which of them have the multiply-accumulates and the weights."""

from collections.abc import Sequence

from edgekit.converters.graph.macs import operator_macs
from edgekit.reporting.document import Chart, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.numbers import number
from edgekit.reporting.subject import BundleView, Subject, bundles_of

__all__ = ["operators"]

_SHOWN = 12


def operators(subjects: Sequence[Subject]) -> Section | None:
    """Return the largest operators of each bundle; None without bundles."""
    charts = tuple(_chart(name, view) for name, view in bundles_of(subjects))
    return Section("operators", "Operators", charts) if charts else None


def _chart(name: str, view: BundleView) -> Chart:
    main = view.graph.main
    found = [
        (
            f"{operator.index} {operator.kind}",
            operator_macs(operator, main),
            sum(tensor.data_bytes for tensor in main.inputs_of(operator)),
        )
        for operator in main.operators
    ]
    total = sum(macs for _, macs, _ in found)
    largest = sorted((item for item in found if item[1]), key=lambda item: -item[1])[:_SHOWN]
    numbers = ("MACs", "constant bytes")
    table = Table(
        f"Operators of {name}",
        ("operator", *numbers),
        tuple((kind, f"{macs:,}", f"{size:,}") for kind, macs, size in found),
        frozenset(numbers),
    )
    kind, macs, _ = largest[0] if largest else ("none", 0, 0)
    share = 100 * macs / total if total else 0.0
    text = (
        f"{name}: {len(found)} operators with {number(total)} multiply-accumulates (counted from "
        f"the shapes). The most are in {kind}: {share:.0f} %."
    )
    svg = draw_bars(
        f"macs of {name}",
        [kind for kind, _, _ in largest],
        [macs / 1e6 for _, macs, _ in largest],
        "million multiply-accumulates",
    )
    return Chart(f"Multiply-accumulates of {name}", text, svg, table)
