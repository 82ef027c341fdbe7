"""What `build` and `quantize` say alike: parity, devices, what was allowed, stages."""

from typing import Any

from edgekit.benchmarks.measurement import Provenance
from edgekit.cli.accuracy_report import show_climb, show_layers
from edgekit.cli.bundle_report import show_findings, show_parity
from edgekit.cli.tables import make_table, print_table
from edgekit.converting import ConversionResult
from edgekit.device_profiles import FitReport, MemoryFit

__all__ = ["conversion_json", "show_conversion", "show_details"]


def conversion_json(result: ConversionResult) -> dict[str, Any]:
    """Return what every conversion tells as plain JSON values."""
    return {
        "parity": result.parity.to_json(),
        "accuracy": result.accuracy and result.accuracy.to_json(),
        "fits": [_fit_json(item) for item in result.fits],
        "waived": [str(item) for item in result.waived],
        "notices": list(result.notices),
        "warnings": list(result.warnings),
        "findings": [item.to_json() for item in result.findings],
        "stage_seconds": {
            "provenance": Provenance.MEASURED,
            **{stage.value: seconds for stage, seconds in result.stage_seconds.items()},
        },
    }


def show_conversion(console: Any, result: ConversionResult, *, verbose: bool) -> None:
    """Print parity, the fit of devices, and what was allowed."""
    show_parity(console, result.parity)
    if result.accuracy:
        show_climb(console, result.accuracy)
    show_findings(console, result.findings, every=verbose)
    if result.fits:
        title = "Devices: least memory needed (estimated) of what there is"
        print_table(console, title, _fits_table(result.fits))
    for violation in result.waived:
        console.print(f"allowed: {violation}")


def show_details(console: Any, result: ConversionResult, *, remark: str = "") -> None:
    """Print the layers of each rung, the worst layers and the time of each stage."""
    if result.accuracy:
        show_layers(console, result.accuracy)
    console.print(f"compared by {result.parity.interpreter}")
    console.print("worst layers, final model against the source:")
    for layer in result.parity.worst_layers:
        console.print(f"  {layer}")
    console.print(f"stages (measured){remark}:")
    for stage, seconds in result.stage_seconds.items():
        console.print(f"  {seconds:7.2f} s  {stage}")


def _fits_table(fits: tuple[FitReport, ...]) -> Any:
    table = make_table("device", "RAM", "flash", "verdict")
    for item in fits:
        flash = _memory(item.flash) if item.flash else "not a limit"
        table.add_row(item.device, _memory(item.ram), flash, str(item.verdict))
    return table


def _memory(memory: MemoryFit) -> str:
    available = f"{memory.available.value:,}" if memory.available else "unknown"
    return f"{memory.needed_bytes:,} of {available} bytes"


def _fit_json(report: FitReport) -> dict[str, Any]:
    memories = {"ram": report.ram, **({"flash": report.flash} if report.flash else {})}
    return {
        "device": report.device,
        "verdict": str(report.verdict),
        **{
            name: {
                "needed_bytes": memory.needed_bytes,
                "available_bytes": memory.available.value if memory.available else None,
                "available_source": memory.available.source if memory.available else None,
                "provenance": memory.provenance,
                "method": memory.method,
            }
            for name, memory in memories.items()
        },
    }
