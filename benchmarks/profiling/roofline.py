"""The roofline of a profile: how near each operator comes to what the machine can do."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.profiling.operator import OperatorProfile, PartitionProfile
from edgekit.benchmarks.profiling.peaks import MachinePeaks
from edgekit.benchmarks.profiling.profile import Profile
from edgekit.errors import MissingDependencyError
from edgekit.files import atomic_write

__all__ = [
    "CHART_SUFFIXES",
    "RooflinePoint",
    "attainable",
    "check_chart",
    "roofline_points",
    "save_roofline",
]

CHART_SUFFIXES = (".svg", ".png", ".pdf")
_GIGA = 1e9
_MAX_LABELS = 8


@dataclass(frozen=True, slots=True)
class RooflinePoint:
    """An operator or a partition in the roofline.

    Attributes:
        name: ``3 CONV_2D``, or ``partition 0 (operators 0 to 9)``.
        is_partition: Whether it is what a delegate runs as one.
        intensity: Multiply-accumulates for each byte that has to be moved.
        macs_per_second: What it reaches.
        share: How much of the model's time it takes, 0 to 1.
    """

    name: str
    is_partition: bool
    intensity: float
    macs_per_second: float
    share: float


def roofline_points(profile: Profile) -> tuple[RooflinePoint, ...]:
    """Return a point for each operator and partition that multiplies and takes time.

    Those whose time cannot be told from zero have no point, nor have those without
    multiply-accumulates.
    """
    rows: list[tuple[str, OperatorProfile | PartitionProfile]] = [
        (f"{row.index} {row.kind}", row) for row in profile.operators
    ]
    for number, unit in enumerate(profile.partitions):
        name = f"partition {number} (operators {unit.operators[0]} to {unit.operators[-1]})"
        rows.append((name, unit))
    return tuple(
        RooflinePoint(
            name=name,
            is_partition=isinstance(row, PartitionProfile),
            intensity=row.intensity,
            macs_per_second=rate,
            share=profile.share(row),
        )
        for name, row in rows
        if (rate := profile.rate(row)) is not None
    )


def attainable(peaks: MachinePeaks, intensity: float) -> float | None:
    """Return the most multiply-accumulates a second at an arithmetic intensity.

    The lower of the highest compute peak and of what the fastest bandwidth feeds (Williams,
    Waterman and Patterson, "Roofline: an insightful visual performance model for multicore
    architectures", Communications of the ACM, 2009). None where no compute peak was measured.
    """
    if not peaks.compute or not peaks.bandwidths:
        return None
    compute = max(peak.rate.value for peak in peaks.compute)
    bandwidth = max(peak.rate.value for peak in peaks.bandwidths)
    return min(compute, bandwidth * intensity)


def check_chart(path: Path) -> None:
    """Refuse a file that no chart can be drawn into, before anything is measured for it.

    Raises:
        InvalidOptionError: The file's name has another ending than charts have.
    """
    if path.suffix.lower() not in CHART_SUFFIXES:
        raise InvalidOptionError("roofline", str(path), f"a {', '.join(CHART_SUFFIXES)}")


def save_roofline(profile: Profile, path: str | Path) -> None:
    """Draw the roofline into an ``.svg``, ``.png`` or ``.pdf``.

    Where no operator has a time that can be told from zero, the roofs stand alone.

    Raises:
        InvalidOptionError: The file's name ends otherwise, or the profile has no peaks.
        MissingDependencyError: matplotlib is not installed.
        WriteError: No space, no permission, or no such folder.
    """
    path = Path(path)
    check_chart(path)
    points = roofline_points(profile)
    if profile.peaks is None:
        raise InvalidOptionError("roofline", profile.model, "a profile with peaks")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "matplotlib", extra="report", purpose="drawing a roofline"
        ) from error
    figure = Figure(figsize=(9, 6), layout="constrained")
    _draw(figure.add_subplot(), profile, profile.peaks, points)
    drawn = io.BytesIO()
    kind = path.suffix.lower().removeprefix(".")
    metadata = {"Date": None, "Title": f"Roofline of {profile.model}"} if kind == "svg" else None
    # The same profile gives the same file.
    with mpl.rc_context({"svg.hashsalt": "edgekit", "svg.fonttype": "none"}):
        figure.savefig(drawn, format=kind, metadata=metadata, dpi=150)
    atomic_write(path, drawn.getvalue())


def _draw(
    axes: Any, profile: Profile, peaks: MachinePeaks, points: tuple[RooflinePoint, ...]
) -> None:
    intensities = [point.intensity for point in points]
    x = np.geomspace(min([*intensities, 0.1]) / 2, max([*intensities, 100]) * 2, 200)
    ceiling = max((peak.rate.value for peak in peaks.compute), default=np.inf)
    for peak in peaks.compute:
        label = f"{peak.dtype}: {peak.rate.value / _GIGA:,.0f} GMAC/s ({peak.model})"
        axes.plot(x, np.full_like(x, peak.rate.value / _GIGA), color="black", lw=1.2, label=label)
    for roof, style in zip(peaks.bandwidths, ("--", ":", "-."), strict=False):
        label = f"{roof.name}: {roof.rate.value / _GIGA:,.0f} GB/s (copying)"
        fed = np.minimum(roof.rate.value * x, ceiling) / _GIGA
        axes.plot(x, fed, color="black", lw=1.2, ls=style, label=label)
    for is_partition, marker, color in ((False, "o", "tab:blue"), (True, "s", "tab:orange")):
        chosen = [point for point in points if point.is_partition is is_partition]
        if not chosen:
            continue
        axes.scatter(
            [point.intensity for point in chosen],
            [point.macs_per_second / _GIGA for point in chosen],
            s=[40 + 600 * point.share for point in chosen],
            marker=marker,
            color=color,
            alpha=0.5,
            label="partition, run as one" if is_partition else "operator; area: share of time",
        )
    for text, point in _labels(points):
        where = (point.intensity, point.macs_per_second / _GIGA)
        axes.annotate(text, where, textcoords="offset points", xytext=(8, 4), fontsize=8)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="arithmetic intensity, MAC/byte (each tensor moved once)",
        ylabel="GMAC/s",
        title=f"{profile.model} on {profile.environment.cpu_model}, "
        f"{profile.options.kernels} kernels (measured)",
    )
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend(loc="lower right", fontsize=8)


def _labels(points: tuple[RooflinePoint, ...]) -> list[tuple[str, RooflinePoint]]:
    """Return a text for each place where points are, those that take most time first.

    Layers of the same kind and size lie on top of each other and share one.
    """
    places: dict[tuple[str, float, float], list[RooflinePoint]] = {}
    for point in sorted(points, key=lambda item: -item.share):
        kind = point.name if point.is_partition else point.name.partition(" ")[2]
        near = (round(np.log2(point.intensity)), round(np.log2(point.macs_per_second)))
        places.setdefault((kind, *near), []).append(point)
    found = []
    for group in list(places.values())[:_MAX_LABELS]:
        first, *others = group
        text = first.name.partition(" (")[0]
        found.append((f"{text} and {len(others)} like it" if others else text, first))
    return found
