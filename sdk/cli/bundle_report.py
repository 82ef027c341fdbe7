"""What `build`, `quantize` and `inspect` all show: a model's interface and its parity."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from edgekit.bundle import TensorSpec
from edgekit.cli.tables import dimensions, make_table, print_table
from edgekit.converters.finding import Fate, SettledFinding
from edgekit.converters.parity import Distance, ParityReport

__all__ = ["show_findings", "show_interface", "show_parity"]


def show_interface(
    console: Any, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]
) -> None:
    """Print the inputs and outputs of a model."""
    for kind, specs in (("input", inputs), ("output", outputs)):
        for spec in specs:
            console.print(
                f"  {kind} {spec.name}: {spec.dtype} {dimensions(spec.shape)} "
                f"({spec.layout}){_particulars(spec)}"
            )


def show_parity(console: Any, parity: ParityReport) -> None:
    """Print how far a model is from its source."""
    title = f"Parity with {parity.reference}, {parity.samples} samples (measured)"
    figures = ("float SQNR", "final SQNR", "cosine")
    table = make_table("output", *figures, right=figures)
    for item in parity.outputs:
        table.add_row(
            item.name,
            _decibels(item.float_model),
            _decibels(item.final_model),
            f"{item.final_model.cosine:.5f}" if item.final_model.equal_percent is None else "",
        )
    print_table(console, title, table)
    if parity.metric:
        metric = parity.metric
        console.print(
            f"{metric.name} on {metric.count} labelled samples (measured): source "
            f"{metric.source:.2f} %, float {metric.float_model:.2f} %, "
            f"final {metric.final_model:.2f} %"
        )
    if parity.used_for_calibration:
        console.print("these samples were also used for calibration", style="bold yellow")


def show_findings(console: Any, findings: Sequence[SettledFinding], *, every: bool = False) -> None:
    """Print what compression left in the source, and what became of it.

    Args:
        console: Where to.
        findings: All of them.
        every: Print each with its proof, not only those that lost something.
    """
    if not findings:
        return
    counts = Counter((item.finding.kind, item.fate) for item in findings)
    table = make_table("found", "fate", "number", right=("number",))
    for (kind, fate), count in counts.items():
        table.add_row(kind, fate, str(count))
    print_table(console, "Compression: what training left, and what became of it", table)
    for item in findings:
        if every or item.fate in (Fate.REQUANTIZED, Fate.LOST):
            finding = item.finding
            console.print(f"{finding.tensor}: {finding.kind}, {finding.summary}", soft_wrap=True)
            console.print(f"  {item.fate}: {item.proof}", soft_wrap=True)


def _decibels(distance: Distance) -> str:
    if distance.sqnr_db is None:
        return "equal"
    if distance.equal_percent is not None:
        return f"{distance.equal_percent:.1f} % equal"
    return f"{distance.sqnr_db:.1f} dB"


def _particulars(spec: TensorSpec) -> str:
    text = ""
    if spec.scale is not None:
        text += f", scale {spec.scale:.6g}, zero point {spec.zero_point}"
    if spec.image is not None:
        mean, std = (",".join(f"{x:g}" for x in v) for v in (spec.image.mean, spec.image.std))
        text += f", pictures: mean {mean}, std {std}, {spec.image.resize}"
    return text
