"""What `edgekit compress` says at its end, as tables and as JSON."""

from typing import Any

from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.compressing import CompressedFile, LayerDensity, TrainedScale

__all__ = ["result_json", "show_result"]


def result_json(result: CompressedFile) -> dict[str, Any]:
    """Return a result as plain JSON values."""
    return {"model": str(result.path), **result.report.to_json()}


def show_result(console: Any, result: CompressedFile, *, verbose: bool) -> None:
    """Print a result; the grids of quantization-aware training only when asked for."""
    report = result.report
    size = byte_size(result.path.stat().st_size)
    console.print(f"{result.path} written: {report.method}, {size}", style="bold")
    if report.layers:
        _show_layers(console, report.layers)
    if report.scales:
        console.print(f"{len(report.scales)} tensors have trained int8 grids")
        if verbose:
            _show_scales(console, report.scales)
    if verbose:
        losses = ", ".join(f"{loss:.4f}" for loss in report.losses)
        console.print(f"training loss of each epoch: {losses}")
    console.print(
        f"top-1 on {report.held_out} samples held out (measured): "
        f"before {report.accuracy_before:.2f} %, now {report.accuracy_after:.2f} %"
    )


def _show_layers(console: Any, layers: tuple[LayerDensity, ...]) -> None:
    columns = ("layer", "weights", "not zero", "density", "channels that are zero")
    table = make_table(*columns, right=columns[1:])
    for item in layers:
        table.add_row(
            item.layer,
            f"{item.weights:,}",
            f"{item.nonzero:,}",
            f"{100 * item.nonzero / item.weights:.1f} %",
            f"{item.zero_channels} of {item.channels}",
        )
    print_table(console, "Weights that are left (measured)", table)


def _show_scales(console: Any, scales: tuple[TrainedScale, ...]) -> None:
    table = make_table("tensor", "scales", "zero points", right=("scales", "zero points"))
    for item in scales:
        table.add_row(item.tensor, _span(item.scales, ".6g"), _span(item.zero_points, "d"))
    print_table(console, "Trained int8 grids (measured)", table)


def _span(values: tuple[Any, ...], form: str) -> str:
    low, high = min(values), max(values)
    return f"{low:{form}}" if low == high else f"{low:{form}} to {high:{form}}"
