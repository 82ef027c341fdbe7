"""An `.edgekit` bundle as text and as JSON: manifest, sizes, parity, plan, devices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgekit.bundle import Bundle
from edgekit.bundle_evidence import PlanSummary, read_findings, read_parity, read_plan
from edgekit.cli.bundle_report import show_findings, show_interface, show_parity
from edgekit.cli.inspect_tflite import graph_json, read_tflite, show_graph
from edgekit.cli.tables import byte_size, make_table, print_table

__all__ = ["view"]


def view(
    path: Path, *, operators: bool, tensors: bool
) -> tuple[dict[str, Any], Callable[[Any], None]]:
    """Read and verify a bundle; return it as JSON values, and what prints it.

    Raises:
        BundleError: It cannot be read or trusted.
        UnreadableFileError: The model in it is garbage.
    """
    bundle = Bundle.open(path)
    parity, plan, findings = read_parity(bundle), read_plan(bundle), read_findings(bundle)
    graph = read_tflite(path, bundle.model) if operators or tensors else None
    data = {
        "kind": "bundle",
        "path": str(path),
        "size_bytes": path.stat().st_size,
        "manifest": bundle.manifest.to_json(),
        "labels": list(bundle.labels),
        "parity": parity and parity.to_json(),
        "plan": plan and _plan_json(plan),
        "findings": [item.to_json() for item in findings],
        "model": graph and graph_json(graph, operators=operators, tensors=tensors),
    }

    def show(console: Any) -> None:
        _show_manifest(console, bundle)
        if parity:
            show_parity(console, parity)
        show_findings(console, findings, every=tensors)
        if plan:
            title = f"Plan: {plan.method}, {plan.calibration}"
            print_table(console, title, _plan_table(plan))
        if graph:
            console.print("model.tflite", style="bold")
            show_graph(console, graph, operators=operators, tensors=tensors)

    return data, show


def _plan_json(plan: PlanSummary) -> dict[str, Any]:
    return {
        "method": plan.method,
        "calibration": plan.calibration,
        "tensor_counts": [
            {"dtype": dtype, "granularity": granularity, "scale_source": source, "tensors": count}
            for (dtype, granularity, source), count in plan.counts.items()
        ],
    }


def _show_manifest(console: Any, bundle: Bundle) -> None:
    manifest = bundle.manifest
    size = byte_size(bundle.path.stat().st_size)
    console.print(f"{bundle.path}: bundle '{manifest.name}', {size}", style="bold")
    source = manifest.source
    islands = ", float islands allowed" if manifest.float_islands else ""
    console.print(f"  {manifest.scheme}{islands}, from {source.name} ({source.kind})")
    console.print(f"  written by edgekit {manifest.edgekit_version}, engine {manifest.engine}")
    console.print(f"  devices: {', '.join(manifest.devices) or 'none'}")
    show_interface(console, manifest.inputs, manifest.outputs)
    if bundle.labels:
        console.print(f"  {len(bundle.labels)} classes: {', '.join(bundle.labels)}")
    members = (f"{item.path} {byte_size(item.size_bytes)}" for item in manifest.members)
    console.print(f"  members: {', '.join(members)}")


def _plan_table(plan: PlanSummary) -> Any:
    columns = ("dtype", "granularity", "scale from", "tensors")
    table = make_table(*columns, right=("tensors",))
    for key, count in plan.counts.items():
        table.add_row(*key, str(count))
    return table
