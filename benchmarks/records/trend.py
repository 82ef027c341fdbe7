"""The median over time, for each model on each target, with a gap where something else changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edgekit.benchmarks.records.fingerprint import differences
from edgekit.benchmarks.records.rows import Row

__all__ = ["Trend", "TrendPoint", "sparkline", "trends"]

_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One result of a trend.

    Attributes:
        row: The record.
        latency_us: Its median.
        ratio: To the last median in the same environment before it; None for the first there.
        changes: What differs from the environment of the point before; empty where nothing does.
        new_model: Whether the model file differs from that of the point before.
    """

    row: Row
    latency_us: float
    ratio: float | None
    changes: tuple[str, ...]
    new_model: bool

    def to_json(self) -> dict[str, Any]:
        """Return the point as plain JSON values."""
        return {
            "id": self.row.id,
            "started_at": self.row.summary.started_at,
            "model_sha256": self.row.summary.model_sha256,
            "environment": self.row.summary.environment,
            "latency_us": self.latency_us,
            "ratio": self.ratio,
            "changes": list(self.changes),
            "new_model": self.new_model,
        }


@dataclass(frozen=True, slots=True)
class Trend:
    """The results of one model on one target, oldest first. It judges nothing.

    Attributes:
        model: Name of the model.
        target: Where it ran.
        device: Name of a device profile, if one was given.
        points: At least one.
    """

    model: str
    target: str
    device: str | None
    points: tuple[TrendPoint, ...]

    def by_environment(self) -> dict[str, tuple[float | None, ...]]:
        """Return medians by environment, each as long as `points`, None where it was another."""
        names = dict.fromkeys(point.row.summary.environment or "" for point in self.points)
        return {
            name: tuple(
                point.latency_us if (point.row.summary.environment or "") == name else None
                for point in self.points
            )
            for name in names
        }

    def to_json(self) -> dict[str, Any]:
        """Return the trend as plain JSON values."""
        return {
            "model": self.model,
            "target": self.target,
            "device": self.device,
            "points": [point.to_json() for point in self.points],
        }


def trends(
    rows: Iterable[Row],
    environment: Callable[[str], Mapping[str, Any]],
    *,
    last: int | None = None,
) -> tuple[Trend, ...]:
    """Group records that have a latency into trends, by name of model and target.

    Args:
        rows: In any order; those without model, target, time or latency are left out.
        environment: Returns the whole environment of the record with an id; asked only where
            fingerprints differ.
        last: So many results of each, the newest; None for all.
    """
    grouped: dict[tuple[str, str, str | None], list[tuple[str, float, Row]]] = {}
    for row in rows:
        it = row.summary
        if it.model and it.target and it.started_at and it.latency_us is not None:
            measured = (it.started_at, it.latency_us, row)
            grouped.setdefault((it.model, it.target, it.device), []).append(measured)
    found = []
    for (model, target, device), group in sorted(grouped.items(), key=lambda item: str(item[0])):
        ordered = sorted(group, key=lambda measured: measured[0])
        points = _points(ordered[-last:] if last else ordered, environment)
        found.append(Trend(model, target, device, points))
    return tuple(found)


def _points(
    measured: Iterable[tuple[str, float, Row]], environment: Callable[[str], Mapping[str, Any]]
) -> tuple[TrendPoint, ...]:
    points: list[TrendPoint] = []
    last_us: dict[str | None, float] = {}
    for _, latency_us, row in measured:
        it = row.summary
        before = points[-1].row if points else None
        changed = before is not None and before.summary.environment != it.environment
        points.append(
            TrendPoint(
                row,
                latency_us,
                latency_us / last_us[it.environment] if it.environment in last_us else None,
                differences(environment(before.id), environment(row.id))
                if before is not None and changed
                else (),
                before is not None and before.summary.model_sha256 != it.model_sha256,
            )
        )
        last_us[it.environment] = latency_us
    return tuple(points)


def sparkline(values: Iterable[float | None], low: float, high: float) -> str:
    """Return a bar of eight heights for each value from ``low`` to ``high``, a space for None.

    Where both are equal, every bar has half the height.
    """
    span = high - low
    return "".join(
        " " if value is None else _BLOCKS[round((value - low) / span * 7) if span else 3]
        for value in values
    )
