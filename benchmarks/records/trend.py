"""A figure over time, for each model on each target, with a gap where something else changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edgekit.benchmarks.measurement import Measurement
from edgekit.benchmarks.records.fingerprint import differences
from edgekit.benchmarks.records.record import Record
from edgekit.benchmarks.records.rows import Row

__all__ = ["Trend", "TrendPoint", "sparkline", "trends"]

_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One result of a trend.

    Attributes:
        row: The record.
        measurement: Its figure.
        unstable: Whether the result says that its figures may not repeat.
        ratio: To the last value in the same environment before it; None for the first there.
        changes: What differs from the environment of the point before; empty where nothing does.
        new_model: Whether the model file differs from that of the point before.
    """

    row: Row
    measurement: Measurement
    unstable: bool
    ratio: float | None
    changes: tuple[str, ...]
    new_model: bool

    def to_json(self) -> dict[str, Any]:
        """Return the point as plain JSON values."""
        it = self.row.summary
        return {
            "id": self.row.id,
            "started_at": it.started_at,
            "model_sha256": it.model_sha256,
            "environment": it.environment,
            "measurement": self.measurement.to_json(),
            "unstable": self.unstable,
            "ratio": self.ratio,
            "changes": list(self.changes),
            "new_model": self.new_model,
        }


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure of one model on one target, oldest first. It judges nothing.

    Attributes:
        model: Name of the model.
        target: Where it ran.
        device: Name of a device profile, if one was given.
        figure: Name of the figure.
        points: At least one, all of one unit and one provenance.
    """

    model: str
    target: str
    device: str | None
    figure: str
    points: tuple[TrendPoint, ...]

    def by_environment(self) -> dict[str, tuple[float | None, ...]]:
        """Return values by environment, each as long as `points`, None where it was another."""
        places = [point.row.summary.environment or "" for point in self.points]
        return {
            name: tuple(
                point.measurement.value if place == name else None
                for point, place in zip(self.points, places, strict=True)
            )
            for name in dict.fromkeys(places)
        }

    def to_json(self) -> dict[str, Any]:
        """Return the trend as plain JSON values."""
        return {
            "model": self.model,
            "target": self.target,
            "device": self.device,
            "figure": self.figure,
            "points": [point.to_json() for point in self.points],
        }


def trends(
    rows: Iterable[Row],
    read: Callable[[str], Record],
    *,
    figure: str = "latency",
    last: int | None = None,
) -> tuple[Trend, ...]:
    """Group records into trends, by model and target, and by unit and provenance of the figure.

    Args:
        rows: In any order; those without model, target or time are left out.
        read: Returns the record with an id.
        figure: Name of a measurement; results that have none of that name are left out.
        last: So many results of each model on each target, the newest; None for all.
    """
    places: dict[tuple[str, str, str | None], list[tuple[str, Row]]] = {}
    for row in rows:
        it = row.summary
        if it.model and it.target and it.started_at:
            places.setdefault((it.model, it.target, it.device), []).append((it.started_at, row))
    found = []
    for (model, target, device), dated in sorted(places.items(), key=lambda item: str(item[0])):
        ordered = [row for _, row in sorted(dated, key=lambda item: item[0])]
        alike: dict[tuple[str, str], list[tuple[Row, Record, Measurement]]] = {}
        for row in ordered[-last:] if last else ordered:
            record = read(row.id)
            if (value := _measurement(record, figure)) is not None:
                kind = (value.unit, str(value.provenance))
                alike.setdefault(kind, []).append((row, record, value))
        found += [Trend(model, target, device, figure, _points(group)) for group in alike.values()]
    return tuple(found)


def _measurement(record: Record, figure: str) -> Measurement | None:
    """Return a figure of a record without its samples, None if it has none of that name."""
    measurements = record.document.get("measurements")
    data = measurements.get(figure) if isinstance(measurements, dict) else None
    return None if data is None else replace(Measurement.from_json(data), samples=())


def _points(results: Sequence[tuple[Row, Record, Measurement]]) -> tuple[TrendPoint, ...]:
    points: list[TrendPoint] = []
    last: dict[str | None, float] = {}
    environment: dict[str, Any] = {}
    for row, record, value in results:
        place = row.summary.environment
        before = points[-1].row.summary if points else None
        there = record.document.get("environment") or {}
        points.append(
            TrendPoint(
                row,
                value,
                bool(record.document.get("unstable_reasons")),
                value.value / last[place] if last.get(place) else None,
                differences(environment, there) if before is not None else (),
                before is not None and before.model_sha256 != row.summary.model_sha256,
            )
        )
        last[place] = value.value
        environment = there
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
