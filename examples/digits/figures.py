"""The demo's figures: each one with its provenance, as one table and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from weights import LayerWeights

from edgekit import BuildResult
from edgekit.benchmarks import BenchmarkResult, Measurement, Provenance
from edgekit.benchmarks.emulator import EmulationResult
from edgekit.device_profiles import FitReport, MemoryFit

MEASURED, ESTIMATED = Provenance.MEASURED, Provenance.ESTIMATED


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; there is no figure without its provenance.

    Attributes:
        about: What the figure belongs to.
        name: What it says.
        value: With its unit.
        provenance: How it came about.
        method: What was done to get it.
    """

    about: str
    name: str
    value: str
    provenance: Provenance
    method: str


def torch_figures(
    dense: float, pruned: float, weights: Sequence[LayerWeights], held_out: int
) -> list[Figure]:
    """Return what pruning did to the network; ``dense`` and ``pruned`` are top-1 in percent."""
    scored = f"{held_out} held-out digits"
    return [
        Figure("torch", "top-1, dense", f"{dense:.2f} %", MEASURED, scored),
        Figure("torch", "top-1, pruned", f"{pruned:.2f} %", MEASURED, scored),
        _density("torch", weights, [layer.nonzero for layer in weights], "in the module"),
    ]


def int8_figures(
    result: BuildResult, weights: Sequence[LayerWeights], same_from_onnx: int
) -> list[Figure]:
    """Return what was proved about the int8 model, and what pruning still is in it."""
    about, parity = "int8 model", result.parity
    (output,) = parity.outputs
    zeros = sum(layer.count - layer.nonzero for layer in weights)
    revived = sum(layer.revived for layer in weights)
    against = f"{parity.samples} held-out digits"
    figures = []
    if parity.metric:
        top1 = f"{parity.metric.final_model:.2f} %"
        figures = [Figure(about, "top-1", top1, MEASURED, against)]
    return [
        *figures,
        Figure(
            about,
            "SQNR of the scores",
            f"{output.final_model.decibels:.1f} dB",
            MEASURED,
            f"against {parity.reference}, {against}",
        ),
        Figure(
            about,
            "same when built from ONNX",
            f"{same_from_onnx} of {parity.samples}",
            MEASURED,
            f"scores of {against}, compared exactly",
        ),
        _density(about, weights, [layer.int8_nonzero for layer in weights], "in model.tflite"),
        Figure(
            about,
            "pruned weights still zero",
            f"{zeros - revived:,} of {zeros:,}",
            MEASURED,
            "weight by weight, the module against model.tflite",
        ),
        Figure(about, "size", f"{_model_bytes(result):,} bytes", MEASURED, "model.tflite"),
    ]


def device_figures(result: BuildResult) -> list[Figure]:
    """Return what each device needs at least, of what it has."""
    return [
        Figure(fit.device, f"{name}: {memory.verdict}", _share(memory), ESTIMATED, memory.method)
        for fit in result.fits
        for name, memory in _memories(fit)
    ]


def host_figures(result: BenchmarkResult) -> list[Figure]:
    """Return what was measured on this machine."""
    names = {
        "latency": "latency, median",
        "latency_p90": "latency, 90 % below",
        "first_inference": "first inference",
    }
    measured = result.measurements()
    return [
        Figure("this machine", name, _value(measured[key]), result.provenance, measured[key].method)
        for key, name in names.items()
    ]


def emulated_figures(result: EmulationResult | None) -> list[Figure]:
    """Return what C did on the emulated board, and what the profile makes of it."""
    if result is None:
        return []
    about = f"{result.device} in C"
    return [
        Figure(about, name.replace("_", " "), _value(found), found.provenance, found.method)
        for name, found in result.measurements().items()
    ]


def print_table(console: Console, figures: Sequence[Figure]) -> None:
    """Print the figures, a rule between what they are about."""
    table = Table(title="Handwritten digits: from torch to three devices")
    for column in ("", "figure", "value", "provenance", "method"):
        table.add_column(
            column,
            justify="right" if column == "value" else "left",
            no_wrap=column != "method",
        )
    for figure, following in zip(figures, [*figures[1:], None], strict=True):
        table.add_row(
            figure.about,
            figure.name,
            figure.value,
            str(figure.provenance),
            figure.method,
            end_section=following is None or following.about != figure.about,
        )
    console.print(table)


def markdown_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [
        f"| {figure.about} | {figure.name} | {figure.value} "
        f"| {figure.provenance} | {figure.method} |"
        for figure in figures
    ]
    return "\n".join(
        ["| | figure | value | provenance | method |", "|---|---|---:|---|---|", *rows]
    )


def _density(
    about: str, weights: Sequence[LayerWeights], nonzero: Sequence[int], where: str
) -> Figure:
    count = sum(layer.count for layer in weights)
    value = f"{100 * sum(nonzero) / count:.1f} %"
    return Figure(about, "weights not zero", value, MEASURED, f"of {count:,} {where}")


def _model_bytes(result: BuildResult) -> int:
    return next(
        member.size_bytes for member in result.manifest.members if member.path == "model.tflite"
    )


def _memories(fit: FitReport) -> list[tuple[str, MemoryFit]]:
    return [("RAM", fit.ram), *([("flash", fit.flash)] if fit.flash else [])]


def _share(memory: MemoryFit) -> str:
    available = _size(memory.available.value) if memory.available else "unknown"
    return f"at least {_size(memory.needed_bytes)} of {available}"


def _size(count: int) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count / 1024:.3g} KiB"


def _value(measurement: Measurement) -> str:
    value = f"{_number(measurement.value)} {measurement.unit.removesuffix('instructions')}".strip()
    if measurement.interval is None or len(set(measurement.interval)) == 1:
        return value
    low, high = map(_number, measurement.interval)
    return f"{value} ({low} to {high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
