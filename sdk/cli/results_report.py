"""What `edgekit results` prints for people."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.cli.tables import make_table, print_table

if TYPE_CHECKING:
    from edgekit.benchmarks import Measurement
    from edgekit.benchmarks.records import Record, Row, Trend, TrendPoint

__all__ = ["show_record", "show_rows", "show_trends"]


_TO_THE_MINUTE = len("2026-01-31 12:00")


def show_rows(console: Any, rows: Sequence["Row"], path: Path, *, more: bool) -> None:
    """Print a table of records; ``more`` says that there are others."""
    if rows:
        columns = ("id", "started", "kind", "model", "target", "median", "energy", "environment")
        table = make_table(*columns, right=("median", "energy"), whole=("id", "started"))
        for row in rows:
            it = row.summary
            table.add_row(
                _short(row.id),
                _time(it.started_at)[:_TO_THE_MINUTE],
                row.kind,
                it.model or "",
                " ".join(filter(None, (it.target, it.device))),
                _figure(it.latency_us, "us", it.latency_provenance),
                _figure(it.energy_uj, "uJ", it.energy_provenance),
                it.environment or "",
            )
        console.print(table)
    shown = f"the newest {len(rows)} results" if more else _count(len(rows))
    console.print(f"{shown} in {path}", soft_wrap=True)


def show_record(console: Any, record: "Record") -> None:
    """Print what most results have: facts, figures with their provenance, environment, doubts."""
    it = record.summary
    place = f"on {it.target}" if it.target else None
    title = " ".join(filter(None, (record.kind, it.model, place)))
    console.print(f"{_short(record.id)}: {title}", style="bold")
    for name, value in record.document.items():
        if isinstance(value, str) and name not in ("kind", "model", "target"):
            console.print(f"  {name.replace('_', ' ')}: {value}", soft_wrap=True)
    figures = _figures(record.document)
    if figures:
        print_table(console, "Figures", _figures_table(figures))
    environment = record.document.get("environment")
    if isinstance(environment, dict):
        console.print(f"Environment {it.environment}", style="bold")
        for name, value in environment.items():
            if value is not None:
                console.print(f"  {name.replace('_', ' ')}: {value}", soft_wrap=True)
    for reason in record.document.get("unstable_reasons") or ():
        console.print(f"UNSTABLE: {reason}", style="bold red")
    console.print(f"All of it: edgekit results show {_short(record.id)} --json")


def _figures(document: dict[str, Any]) -> dict[str, "Measurement"]:
    """Return a document's figures by name: its ``measurements``, or all that it has outside."""
    from edgekit.benchmarks import Measurement

    given = document.get("measurements")
    if not isinstance(given, dict):
        given = {}
        for name, value in document.items():
            if isinstance(value, dict):
                inner = {f"{name}_{key}": item for key, item in value.items()}
                given |= {name: value} if "provenance" in value else inner
    return {
        name: Measurement.from_json(data)
        for name, data in given.items()
        if isinstance(data, dict) and {"value", "unit", "provenance", "method"} <= data.keys()
    }


def _figures_table(figures: dict[str, "Measurement"]) -> Any:
    columns = ("figure", "value", "provenance", "interval", "how")
    table = make_table(*columns, right=("value", "interval"))
    for name, each in figures.items():
        table.add_row(
            name.replace("_", " "),
            f"{_number(each.value, each.unit)} {'' if each.unit == '1' else each.unit}".strip(),
            str(each.provenance),
            _interval(each),
            each.method,
        )
    return table


def show_trends(console: Any, trends: Sequence["Trend"], *, figure: str) -> None:
    """Print each trend: a line of bars for each environment, then the points."""
    for trend in trends:
        place = " ".join(filter(None, (trend.target, trend.device)))
        (first, *_) = trend.points
        title = (
            f"{trend.model} on {place}: {figure} ({first.measurement.provenance}, "
            f"{first.measurement.unit}) of {_count(len(trend.points))}"
        )
        print_table(console, title, _bars_table(trend))
        console.print(_points_table(trend.points))
    if not trends:
        console.print(f"no results with the figure {figure}")


def _bars_table(trend: "Trend") -> Any:
    from edgekit.benchmarks.records import sparkline

    every = [point.measurement.value for point in trend.points]
    columns = ("environment", "oldest to newest", "lowest", "highest")
    table = make_table(*columns, right=("lowest", "highest"), whole=("environment",))
    for name, values in trend.by_environment().items():
        known = [value for value in values if value is not None]
        bars = sparkline(values, min(every), max(every))
        table.add_row(name, bars, _number(min(known)), _number(max(known)))
    return table


def _points_table(points: Sequence["TrendPoint"]) -> Any:
    columns = ("id", "started", "environment", "value", "interval", "ratio", "what changed")
    table = make_table(*columns, right=columns[3:6], whole=("id", "started"))
    for point in points:
        it = point.row.summary
        changed = [*(["model file"] if point.new_model else []), *point.changes]
        if point.unstable:
            changed.append("UNSTABLE")
        table.add_row(
            _short(point.row.id),
            _time(it.started_at),
            it.environment or "",
            _number(point.measurement.value, point.measurement.unit),
            _interval(point.measurement),
            "" if point.ratio is None else f"{point.ratio:.3f}",
            "\n".join(changed),
        )
    return table


def _interval(measurement: "Measurement") -> str:
    return " to ".join(_number(end, measurement.unit) for end in measurement.interval or ())


def _short(identity: str) -> str:
    from edgekit.benchmarks.records import SHORT_ID

    return identity[:SHORT_ID]


def _time(text: str | None) -> str:
    return (text or "").removesuffix("+00:00").replace("T", " ")


def _figure(value: float | None, unit: str, provenance: str | None) -> str:
    return "" if value is None else f"{_number(value)} {unit} {provenance}"


def _number(value: float, unit: str = "") -> str:
    """Return a number for people; of ratios, the parts of a thousand matter."""
    digits = 4 if unit == "1" else 2
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.{digits}f}"


def _count(number: int) -> str:
    return f"{number} result{'s' * (number != 1)}"
