"""What a record is found by: a few fields that most results have, read without knowing more."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from edgekit.benchmarks.records.fingerprint import fingerprint

__all__ = ["Summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a document says of itself at its top level; None for what it does not.

    Attributes:
        model: Name of the model; of a comparison, that of the second, which is judged.
        model_sha256: Of ``model.tflite``.
        target: Where it ran.
        device: Name of a device profile.
        started_at: Date and time in UTC, ISO 8601 to the second.
        latency_us: Median latency.
        latency_provenance: Whether that was measured, emulated or estimated.
        energy_uj: Energy of an inference.
        energy_provenance: Of the energy.
        environment: Fingerprint of the machine and the versions.
    """

    model: str | None
    model_sha256: str | None
    target: str | None
    device: str | None
    started_at: str | None
    latency_us: float | None
    latency_provenance: str | None
    energy_uj: float | None
    energy_provenance: str | None
    environment: str | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read the summary of a result."""
        environment = document.get("environment")
        latency_us, latency_provenance = _figure(document, "latency", "us")
        energy_uj, energy_provenance = _figure(document, "energy", "uJ")
        judged = document.get("second")
        subject = judged if isinstance(judged, dict) else {}
        return cls(
            model=_text(document.get("model", subject.get("name"))),
            model_sha256=_text(document.get("model_sha256", subject.get("model_sha256"))),
            target=_text(document.get("target")),
            device=_text(document.get("device")),
            started_at=_time(document.get("started_at")),
            latency_us=latency_us,
            latency_provenance=latency_provenance,
            energy_uj=energy_uj,
            energy_provenance=energy_provenance,
            environment=fingerprint(environment) if isinstance(environment, dict) else None,
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: Any) -> str | None:
    """Return a time in one form, so that text sorts as time does."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.isoformat(timespec="seconds")


def _figure(
    document: Mapping[str, Any], name: str, unit: str
) -> tuple[float, str] | tuple[None, None]:
    """Return value and provenance of a measurement if it is there in its unit."""
    measurements = document.get("measurements")
    match measurements.get(name) if isinstance(measurements, dict) else None:
        case {"value": int() | float() as value, "unit": found, "provenance": str() as provenance}:
            if found == unit and math.isfinite(value):
                return float(value), provenance
    return None, None
