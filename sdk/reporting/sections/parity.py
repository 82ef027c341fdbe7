"""Parity: how far each model is from its source, and which layers are the worst."""

from collections.abc import Sequence

from edgekit.bundle_evidence import read_parity
from edgekit.converters.parity import Distance, ParityReport
from edgekit.reporting.document import Block, Chart, Prose, Section, Table
from edgekit.reporting.drawing import draw_bars
from edgekit.reporting.subject import Subject, bundles_of

__all__ = ["parity"]


def parity(subjects: Sequence[Subject]) -> Section | None:
    """Return what the bundles prove; None without bundles."""
    blocks: list[Block] = []
    for name, view in bundles_of(subjects):
        found = read_parity(view.bundle)
        if found is not None:
            blocks += _blocks(name, found)
    return Section("parity", "Parity", tuple(blocks)) if blocks else None


def _blocks(name: str, found: ParityReport) -> list[Block]:
    numbers = ("float model", "final model", "cosine")
    outputs = Table(
        f"Outputs of {name} against {found.reference}, {found.samples} samples (measured)",
        ("output", *numbers),
        tuple(
            (
                item.name,
                _distance(item.float_model),
                _distance(item.final_model),
                f"{item.final_model.cosine:.5f}",
            )
            for item in found.outputs
        ),
        frozenset(numbers),
    )
    blocks: list[Block] = [outputs]
    if found.metric:
        metric = found.metric
        blocks.append(
            Prose(
                f"{metric.name} on {metric.count} labelled samples (measured): source "
                f"{metric.source:.2f} %, float model {metric.float_model:.2f} %, final model "
                f"{metric.final_model:.2f} %."
            )
        )
    if found.used_for_calibration:
        blocks.append(Prose("These samples also calibrated the model.", is_warning=True))
    if found.worst_layers:
        blocks.append(_worst(name, found))
    return blocks


def _worst(name: str, found: ParityReport) -> Chart:
    finite = [item for item in found.worst_layers if item.final_model.sqnr_db is not None]
    layers = finite or found.worst_layers
    table = Table(
        f"Worst layers of {name}",
        ("operator", "from", "SQNR"),
        tuple((item.operator, item.origin, _distance(item.final_model)) for item in layers),
        frozenset(("SQNR",)),
    )
    worst = layers[0]
    text = (
        f"{name}: the worst layer is {worst.operator} from {worst.origin}, "
        f"{_distance(worst.final_model)}. Measured on {found.layer_samples} samples."
    )
    svg = draw_bars(
        f"layers of {name}",
        [item.source_tensor or item.tensor for item in finite],
        [item.final_model.decibels for item in finite],
        "SQNR against the source, dB",
    )
    return Chart(table.title, text, svg, table)


def _distance(distance: Distance) -> str:
    if distance.equal_percent is not None:
        return f"{distance.equal_percent:.1f} % equal"
    return "equal" if distance.sqnr_db is None else f"{distance.sqnr_db:.1f} dB"
