"""An `.edgekit` bundle as text and as JSON: manifest, sizes, parity, plan, devices."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit.bundle import Bundle, BundleError
from edgekit.cli.bundle_report import show_findings, show_interface, show_parity
from edgekit.cli.inspect_tflite import graph_json, read_tflite, show_graph
from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.converters.finding import SettledFinding
from edgekit.converters.parity import (
    PARITY_VERSION,
    Distance,
    LayerParity,
    Metric,
    OutputParity,
    ParityReport,
)

__all__ = ["view"]

_PARITY, _PLAN, _FINDINGS = "parity.json", "plan.json", "compression.json"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A quantization plan in a few lines.

    Attributes:
        method: How ranges were chosen.
        calibration: Which samples set them.
        counts: (dtype, granularity, scale source) -> number of tensors.
    """

    method: str
    calibration: str
    counts: dict[tuple[str, str, str], int]


def view(
    path: Path, *, operators: bool, tensors: bool
) -> tuple[dict[str, Any], Callable[[Any], None]]:
    """Read and verify a bundle; return it as JSON values, and what prints it.

    Raises:
        BundleError: It cannot be read or trusted.
        UnreadableFileError: The model in it is garbage.
    """
    bundle = Bundle.open(path)
    members = {member.path for member in bundle.manifest.members}
    parity = _parity(bundle) if _PARITY in members else None
    plan = _plan(bundle) if _PLAN in members else None
    findings = _findings(bundle) if _FINDINGS in members else ()
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


def _parity(bundle: Bundle) -> ParityReport:
    data = _of_version(bundle, _PARITY, PARITY_VERSION)
    try:
        fields = {name: data[name] for name in data.keys() - {"schema_version", "provenance"}}
        return ParityReport(
            **{
                **fields,
                "outputs": tuple(
                    OutputParity(
                        item["name"],
                        Distance(**item["float_model"]),
                        Distance(**item["final_model"]),
                    )
                    for item in data["outputs"]
                ),
                "worst_layers": tuple(
                    LayerParity(**{**item, **_distances(item)}) for item in data["worst_layers"]
                ),
                "metric": data["metric"] and Metric(**data["metric"]),
            }
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _foreign(bundle, _PARITY) from error


def _distances(layer: dict[str, Any]) -> dict[str, Distance | None]:
    figures = {name: layer[name] for name in ("float_model", "final_model")}
    return {name: item and Distance(**item) for name, item in figures.items()}


def _findings(bundle: Bundle) -> tuple[SettledFinding, ...]:
    data = _of_version(bundle, _FINDINGS, 1)
    try:
        return tuple(map(SettledFinding.from_json, data["findings"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(bundle, _FINDINGS) from error


def _plan(bundle: Bundle) -> _Plan:
    data = _of_version(bundle, _PLAN, 1)
    try:
        count, origin = data["calibration_samples"], data["calibration_origin"]
        tensors = data["tensors"]
        return _Plan(
            method=str(data["method"]),
            calibration=f"{count} samples from {origin}" if count else "no samples",
            counts=dict(
                Counter(
                    (item["dtype"], item["granularity"], item["scale_source"]) for item in tensors
                ).most_common()
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(bundle, _PLAN) from error


def _of_version(bundle: Bundle, member: str, version: int) -> dict[str, Any]:
    data = bundle.json(member)
    if not isinstance(data, dict) or data.get("schema_version") != version:
        raise _foreign(bundle, member)
    return data


def _foreign(bundle: Bundle, member: str) -> BundleError:
    return BundleError(
        bundle.path,
        "it is not what this version of edgekit writes",
        member=member,
        hint="install the edgekit version that wrote the bundle, or build it again",
    )


def _plan_json(plan: _Plan) -> dict[str, Any]:
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


def _plan_table(plan: _Plan) -> Any:
    columns = ("dtype", "granularity", "scale from", "tensors")
    table = make_table(*columns, right=("tensors",))
    for key, count in plan.counts.items():
        table.add_row(*key, str(count))
    return table
