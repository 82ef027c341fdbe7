"""How reports write numbers, measurements with their provenance among them."""

from edgekit.benchmarks import Measurement

__all__ = ["measurement_row", "number", "pair"]


def number(value: float) -> str:
    """Return a number with thousands apart, and decimals only where they tell something."""
    if value == int(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}"


def pair(low: float, high: float) -> str:
    """Return an interval."""
    return f"{number(low)} to {number(high)}"


def measurement_row(name: str, measurement: Measurement) -> tuple[str, str, str, str, str]:
    """Return figure, value, interval, provenance and method as texts."""
    interval = measurement.interval
    return (
        name.replace("_", " "),
        f"{number(measurement.value)} {measurement.unit}",
        pair(*interval) if interval else "",
        str(measurement.provenance),
        measurement.method,
    )
