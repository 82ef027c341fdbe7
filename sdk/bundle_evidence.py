"""What a bundle proves of its model, read back: parity, plan, findings of compression."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from edgekit.bundle import Bundle, BundleError
from edgekit.converters.finding import SettledFinding
from edgekit.converters.parity import (
    PARITY_VERSION,
    Distance,
    LayerParity,
    Metric,
    OutputParity,
    ParityReport,
)

__all__ = ["PlanSummary", "read_findings", "read_parity", "read_plan"]

_PARITY, _PLAN, _FINDINGS = "parity.json", "plan.json", "compression.json"


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A quantization plan in a few lines.

    Attributes:
        method: How ranges were chosen.
        calibration: Which samples set them.
        counts: (dtype, granularity, scale source) -> number of tensors.
    """

    method: str
    calibration: str
    counts: dict[tuple[str, str, str], int]


def read_parity(bundle: Bundle) -> ParityReport | None:
    """Return how far the model was from its source; None where the bundle does not say.

    Raises:
        BundleError: The member is not what this version writes.
    """
    if not _has(bundle, _PARITY):
        return None
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


def read_findings(bundle: Bundle) -> tuple[SettledFinding, ...]:
    """Return what training left in the source, and what became of it.

    Raises:
        BundleError: The member is not what this version writes.
    """
    if not _has(bundle, _FINDINGS):
        return ()
    data = _of_version(bundle, _FINDINGS, 1)
    try:
        return tuple(map(SettledFinding.from_json, data["findings"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(bundle, _FINDINGS) from error


def read_plan(bundle: Bundle) -> PlanSummary | None:
    """Return how tensors are stored; None where the bundle does not say.

    Raises:
        BundleError: The member is not what this version writes.
    """
    if not _has(bundle, _PLAN):
        return None
    data = _of_version(bundle, _PLAN, 1)
    try:
        count, origin = data["calibration_samples"], data["calibration_origin"]
        tensors = data["tensors"]
        return PlanSummary(
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


def _has(bundle: Bundle, member: str) -> bool:
    return any(item.path == member for item in bundle.manifest.members)


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
