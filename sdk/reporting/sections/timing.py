"""Timing: how long each operator takes, and how near it comes to what the machine can do."""

from collections.abc import Sequence

import numpy as np

from edgekit.benchmarks.profiling import Profile
from edgekit.benchmarks.profiling.peaks import MachinePeaks
from edgekit.benchmarks.profiling.roofline import RooflinePoint, attainable, roofline_points
from edgekit.reporting.document import Chart, Section, Table
from edgekit.reporting.drawing import canvas, draw_bars
from edgekit.reporting.numbers import number, pair

__all__ = ["timing"]

_SHOWN = 12
_GIGA = 1e9


def timing(profiles: Sequence[Profile]) -> Section | None:
    """Return time and roofline of each profile; None without profiles."""
    charts: list[Chart] = []
    for profile in profiles:
        charts.append(_times(profile))
        points = roofline_points(profile)
        if profile.peaks is not None and points:
            charts.append(_roofline(profile, profile.peaks, points))
    return Section("timing", "Time of operators", tuple(charts)) if charts else None


def _times(profile: Profile) -> Chart:
    times = [
        (f"{row.index} {row.kind}", row.time(seed=profile.options.seed), row)
        for row in profile.operators
    ]
    numbers = ("time, us", "interval", "share", "MACs", "bytes moved", "MACs a byte")
    table = Table(
        f"Operators of {profile.model} (measured)",
        ("operator", *numbers),
        tuple(
            (
                name,
                number(time.value),
                pair(*time.interval) if time.interval else "",
                f"{profile.share(row):.1%}",
                f"{row.macs:,}",
                f"{row.moved_bytes:,}",
                f"{row.intensity:.2f}",
            )
            for name, time, row in times
        ),
        frozenset(numbers),
    )
    longest = sorted(times, key=lambda item: -item[1].value)[:_SHOWN]
    name, time, row = longest[0]
    text = (
        f"{profile.model}: {name} takes longest, {number(time.value)} us, "
        f"{profile.share(row):.0%} of the whole. A time is what the model takes longer when it "
        f"ends with the operator instead of before it; call and operators together are "
        f"{profile.coverage:.0%} of the whole model's {number(profile.whole.value)} us."
    )
    svg = draw_bars(
        f"times of {profile.model}",
        [item[0] for item in longest],
        [item[1].value for item in longest],
        "time, us",
        [item[1].interval or (item[1].value, item[1].value) for item in longest],
    )
    return Chart(f"Time of operators of {profile.model}", text, svg, table)


def _roofline(profile: Profile, peaks: MachinePeaks, points: Sequence[RooflinePoint]) -> Chart:
    intensities = [point.intensity for point in points]
    reach = np.geomspace(min(*intensities, 1) / 2, max(*intensities, 100) * 2, 50)
    with canvas(f"roofline of {profile.model}", height=3.2) as made:
        roof = [attainable(peaks, float(at)) for at in reach]
        made.axes.plot(
            reach, [(top or np.nan) / _GIGA for top in roof], color=made.colour(3), label="roof"
        )
        made.axes.scatter(
            intensities,
            [point.macs_per_second / _GIGA for point in points],
            s=[15 + 200 * point.share for point in points],
            color=made.colour(0),
            alpha=0.7,
            label="operator; area: share of time",
        )
        made.axes.set(xscale="log", yscale="log", xlabel="MACs a byte", ylabel="GMAC/s")
        made.legend()
    numbers = ("MACs a byte", "GMAC/s", "of the roof")
    table = Table(
        f"Roofline of {profile.model} (measured)",
        ("operator", *numbers),
        tuple(
            (
                point.name,
                f"{point.intensity:.2f}",
                f"{point.macs_per_second / _GIGA:.2f}",
                _share(point, attainable(peaks, point.intensity)),
            )
            for point in points
        ),
        frozenset(numbers),
    )
    best = max(points, key=lambda point: point.macs_per_second)
    text = (
        f"{profile.model}: {best.name} reaches most, {best.macs_per_second / _GIGA:.1f} GMAC/s. "
        "The roof is the lower of the measured peak and of what memory feeds."
    )
    return Chart(f"Roofline of {profile.model}", text, made.svg, table)


def _share(point: RooflinePoint, roof: float | None) -> str:
    return "" if roof is None else f"{point.macs_per_second / roof:.0%}"
