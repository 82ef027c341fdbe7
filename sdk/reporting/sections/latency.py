"""Latency: how the raw samples are distributed, and how they went over time."""

from collections.abc import Sequence

import numpy as np

from edgekit.benchmarks import BenchmarkResult
from edgekit.benchmarks.statistics import percentile
from edgekit.reporting.document import Chart, Section, Table
from edgekit.reporting.drawing import canvas
from edgekit.reporting.numbers import number
from edgekit.reporting.subject import Subject

__all__ = ["latency"]

_BINS = 60
_PERCENTS = (1, 10, 25, 50, 75, 90, 99)


def latency(subjects: Sequence[Subject]) -> Section | None:
    """Return the distribution of latencies, and the median of each window; None without any."""
    measured = [(item.name, item.result) for item in subjects if item.result]
    if not measured:
        return None
    return Section("latency", "Latency", (_distribution(measured), _over_time(measured)))


def _distribution(measured: Sequence[tuple[str, BenchmarkResult]]) -> Chart:
    low = min(min(result.samples_us) for _, result in measured)
    high = max(_last_shown(result) for _, result in measured)
    edges = np.linspace(low, max(high, low * 1.001), _BINS + 1)
    with canvas("distribution") as made:
        for place, (name, result) in enumerate(measured):
            samples = np.asarray(result.samples_us)
            shares = 100 * np.histogram(samples, edges)[0] / samples.size
            made.axes.stairs(
                shares, edges, fill=True, alpha=0.35, color=made.colour(place), label=name
            )
            made.axes.axvline(result.latency.value, color=made.colour(place), linewidth=1.2)
        made.axes.set_xlabel("latency, us")
        made.axes.set_ylabel("share of runs, %")
        made.legend()
    rows = tuple(
        (name, *(number(percentile(result.samples_us, percent)) for percent in _PERCENTS))
        for name, result in measured
    )
    columns = tuple(f"{percent} %" for percent in _PERCENTS)
    table = Table("Percentiles of the latency, us", ("result", *columns), rows, frozenset(columns))
    told = "; ".join(
        f"{name}: half of the runs take {number(percentile(result.samples_us, 25))} to "
        f"{number(percentile(result.samples_us, 75))} us, one in a hundred more than "
        f"{number(percentile(result.samples_us, 99))} us"
        for name, result in measured
    )
    text = f"{told}. The lines are medians; slower runs than {number(high)} us are not drawn."
    return Chart("Distribution of the latency", text, made.svg, table)


def _last_shown(result: BenchmarkResult) -> float:
    """Return where to end: a few runs that took far longer would squeeze all others together."""
    quarter, half, most = (percentile(result.samples_us, at) for at in (25, 75, 99.5))
    return min(most, half + max(10 * (half - quarter), 0.1 * half))


def _over_time(measured: Sequence[tuple[str, BenchmarkResult]]) -> Chart:
    rows: list[tuple[str, ...]] = []
    told = []
    with canvas("windows") as made:
        for place, (name, result) in enumerate(measured):
            medians = [window.median_us for window in result.windows]
            starts = [window.started_s for window in result.windows]
            quarters = [
                [percentile(window.samples_us, at) for at in (25, 75)] for window in result.windows
            ]
            made.axes.plot(starts, medians, marker="o", color=made.colour(place), label=name)
            made.axes.vlines(
                starts, *np.transpose(quarters), color=made.colour(place), linewidth=1.2
            )
            rows += [
                (name, str(window), number(start), number(median), str(len(part.samples_us)))
                for window, (start, median, part) in enumerate(
                    zip(starts, medians, result.windows, strict=True), 1
                )
            ]
            told.append(f"{name}: from {number(min(medians))} to {number(max(medians))} us")
        made.axes.set_xlabel("start of the window, s")
        made.axes.set_ylabel("median latency, us")
        made.axes.set_ylim(0, 1.15 * made.axes.dataLim.y1)
        made.legend()
    numbers = ("window", "start, s", "median, us", "samples kept")
    table = Table("Windows", ("result", *numbers), tuple(rows), frozenset(numbers))
    text = f"Medians of the windows. {'; '.join(told)}. Strokes span the middle half of the runs."
    return Chart("Latency over time", text, made.svg, table)
