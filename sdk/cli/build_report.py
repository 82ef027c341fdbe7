"""What `edgekit build` says at its end, as a table and as JSON."""

from typing import Any

from edgekit.benchmarks.measurement import Provenance
from edgekit.building import BuildResult
from edgekit.cli.bundle_report import show_interface, show_parity
from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.device_profiles import FitReport, MemoryFit

__all__ = ["result_json", "show_result"]


def result_json(result: BuildResult) -> dict[str, Any]:
    """Return a build's result as plain JSON values."""
    return {
        "bundle": str(result.path),
        "manifest": result.manifest.to_json(),
        "parity": result.parity.to_json(),
        "fits": [_fit_json(item) for item in result.fits],
        "waived": [str(item) for item in result.waived],
        "notices": list(result.notices),
        "warnings": list(result.warnings),
        "lowering_from_cache": result.lowering_from_cache,
        "stage_seconds": {
            "provenance": Provenance.MEASURED,
            **{stage.value: seconds for stage, seconds in result.stage_seconds.items()},
        },
    }


def show_result(console: Any, result: BuildResult, *, verbose: bool) -> None:
    """Print a build's result."""
    manifest = result.manifest
    size = byte_size(result.path.stat().st_size)
    console.print(f"{result.path} written: {manifest.scheme}, {size}", style="bold")
    show_interface(console, manifest)
    show_parity(console, result.parity)
    if result.fits:
        title = "Devices: least memory needed (estimated) of what there is"
        print_table(console, title, _fits_table(result.fits))
    for violation in result.waived:
        console.print(f"allowed: {violation}")
    if verbose:
        _show_details(console, result)


def _show_details(console: Any, result: BuildResult) -> None:
    console.print(f"compared by {result.parity.interpreter}")
    console.print("worst layers, final against float model:")
    for layer in result.parity.worst_layers:
        console.print(f"  {layer}")
    cached = " (from the cache)" if result.lowering_from_cache else ""
    console.print(f"stages (measured){cached}:")
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
