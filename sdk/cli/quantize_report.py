"""What `edgekit quantize` says at its end, as a table and as JSON."""

from dataclasses import asdict
from typing import Any

from edgekit.cli.bundle_report import show_interface
from edgekit.cli.conversion_report import conversion_json, show_conversion, show_details
from edgekit.cli.tables import byte_size
from edgekit.quantizing import QuantizeResult

__all__ = ["result_json", "show_result"]


def result_json(result: QuantizeResult) -> dict[str, Any]:
    """Return a quantization's result as plain JSON values."""
    return {
        "model": str(result.path),
        "scheme": result.scheme,
        "engine": result.engine,
        "source": asdict(result.source),
        "inputs": [asdict(spec) for spec in result.inputs],
        "outputs": [asdict(spec) for spec in result.outputs],
        "plan": result.plan.to_json(),
        **conversion_json(result),
    }


def show_result(console: Any, result: QuantizeResult, *, verbose: bool) -> None:
    """Print a quantization's result."""
    size = byte_size(result.path.stat().st_size)
    console.print(f"{result.path} written: {result.scheme}, {size}", style="bold")
    show_interface(console, result.inputs, result.outputs)
    show_conversion(console, result, verbose=verbose)
    if verbose:
        show_details(console, result)
