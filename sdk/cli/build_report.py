"""What `edgekit build` says at its end, as a table and as JSON."""

from typing import Any

from edgekit.building import BuildResult
from edgekit.cli.bundle_report import show_interface
from edgekit.cli.conversion_report import conversion_json, show_conversion, show_details
from edgekit.cli.tables import byte_size

__all__ = ["result_json", "show_result"]


def result_json(result: BuildResult) -> dict[str, Any]:
    """Return a build's result as plain JSON values."""
    return {
        "bundle": str(result.path),
        "manifest": result.manifest.to_json(),
        **conversion_json(result),
        "lowering_from_cache": result.lowering_from_cache,
    }


def show_result(console: Any, result: BuildResult, *, verbose: bool) -> None:
    """Print a build's result."""
    manifest = result.manifest
    size = byte_size(result.path.stat().st_size)
    console.print(f"{result.path} written: {manifest.scheme}, {size}", style="bold")
    show_interface(console, manifest.inputs, manifest.outputs)
    show_conversion(console, result, verbose=verbose)
    if verbose:
        cached = " (from the cache)" if result.lowering_from_cache else ""
        show_details(console, result, remark=cached)
