"""Where a run is in a log that another clock dated: offset and skew between the two clocks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import Activity, Phase

__all__ = ["ClockFit", "align_to_load", "fit_clocks", "rising_edges"]

# Crystals differ by some tens of ppm, cheap loggers by some hundred; beyond this the edges do
# not belong together.
MAX_SKEW_PPM = 2000.0
# A skew is told only where edges are far enough apart, against the time between two samples, to
# tell it this well.
SKEW_RESOLUTION_PPM = 100.0
# What the load and the log have at least to do with each other.
MIN_CORRELATION = 0.7
# A second place that fits nearly as well makes the first one a guess.
MIN_LEAD = 0.05
_MAX_STEPS = 200_000
_EDGE_SEARCH_S = 0.5


@dataclass(frozen=True, slots=True)
class ClockFit:
    """How to get from a log's time to this machine's: host = log + offset + skew * (log - origin).

    Attributes:
        offset_s: What to add to a time of the log, at ``origin_s``.
        skew_ppm: How much more the host's clock advances; None where the edges are too few or
            too close to tell, and 0 is taken.
        origin_s: Time of the log at which ``offset_s`` holds.
        residual_s: Largest distance of an edge from the fit; None where any would fit.
        method: How it was found, in a few words.
    """

    offset_s: float
    skew_ppm: float | None
    origin_s: float
    residual_s: float | None
    method: str

    def host_times(self, log_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return times of the log on this machine's clock."""
        skew = (self.skew_ppm or 0.0) * 1e-6
        return np.asarray(log_s + self.offset_s + skew * (log_s - self.origin_s), np.float64)

    def __str__(self) -> str:
        skew = "unknown, taken as 0" if self.skew_ppm is None else f"{self.skew_ppm:.1f} ppm"
        residual = (
            "" if self.residual_s is None else f", edges within {self.residual_s * 1e3:.2g} ms"
        )
        return f"aligned by {self.method}: offset {self.offset_s:.6f} s, skew {skew}{residual}"


def fit_clocks(
    host_s: ArrayLike, log_s: ArrayLike, *, resolution_s: float, method: str
) -> ClockFit:
    """Return the fit of pairs of times of the same events, by least squares.

    Args:
        host_s: When the events were, by this machine's clock [n].
        log_s: The same by the log's clock [n].
        resolution_s: How far a time of the log may be off: the time between two samples.
        method: How the pairs were found.

    Raises:
        MeterError: The clocks would differ more than clocks do.
    """
    host, log = np.asarray(host_s, np.float64), np.asarray(log_s, np.float64)
    origin = float(log.mean())
    offset = float((host - log).mean())
    spread = log - origin
    if host.size < 2 or not np.any(spread):
        return ClockFit(offset, None, origin, None, method)
    skew = float(np.dot(spread, host - log) / np.dot(spread, spread))
    unsure_ppm = resolution_s / float(np.ptp(log)) * 1e6
    known = unsure_ppm <= SKEW_RESOLUTION_PPM
    if known and abs(skew) * 1e6 > MAX_SKEW_PPM:
        raise MeterError(
            "csv",
            f"its clock would differ by {skew * 1e6:.0f} ppm, more than {MAX_SKEW_PPM:.0f}",
            hint="check the column and the scale of time, and that the log is of this run",
        )
    rest = host - log - offset - (skew * spread if known else 0.0)
    residual = float(np.abs(rest).max()) if host.size > 2 or not known else None
    return ClockFit(offset, skew * 1e6 if known else None, origin, residual, method)


def rising_edges(times_s: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when a signal rose through the middle of its range, interpolated between samples."""
    middle = (levels.min() + levels.max()) / 2
    above = levels > middle
    before = np.flatnonzero(~above[:-1] & above[1:])
    share = (middle - levels[before]) / (levels[before + 1] - levels[before])
    return np.asarray(times_s[before] + share * np.diff(times_s)[before], np.float64)


def align_to_load(
    times_s: NDArray[np.float64], power_w: NDArray[np.float64], phases: Sequence[Phase]
) -> ClockFit:
    """Return where in a log of power the phases of a run are.

    The load that is known (idle 0, running 1) is correlated with the log at every offset
    (normalised, over what is known alone); then the edges of the load are looked for around
    the best place, and fitted.

    Args:
        times_s: Times of the log [n]; rising.
        power_w: Power at them [n].
        phases: At least one with runs, and one without.

    Raises:
        MeterError: The load is not in the log, or is at two places.
    """
    start = min(phase.start_s for phase in phases)
    end = max(phase.end_s for phase in phases)
    step = max(float(np.median(np.diff(times_s))), (times_s[-1] - times_s[0]) / _MAX_STEPS)
    grid = np.arange(times_s[0], times_s[-1], step)
    log = np.interp(grid, times_s, power_w)
    load, known = _load(phases, start + step * np.arange(int((end - start) / step) + 1))
    if grid.size < load.size:
        raise MeterError(
            "csv",
            f"the log holds {times_s[-1] - times_s[0]:.3g} s, the run took {end - start:.3g} s",
            hint="start the logger before the run and end it after",
        )
    scores = _correlation(log, load, known)
    best = int(np.argmax(scores))
    _check_place(scores, best, load.size)
    coarse = float(grid[best]) - start
    return _refined(times_s, power_w, phases, coarse, float(scores[best]))


def _load(
    phases: Sequence[Phase], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the load on a grid, and where it is known (1) or not (0)."""
    load, known = np.zeros(at.size), np.zeros(at.size)
    for phase in phases:
        inside = (at >= phase.start_s) & (at < phase.end_s)
        load[inside] = phase.activity is Activity.RUNNING
        known[inside] = 1.0
    if np.ptp(load[known > 0]) == 0:
        raise MeterError(
            "csv",
            "the run has no idle time, so nothing in the log marks its begin",
            hint="give --idle-seconds, or align by a pulse",
        )
    return load, known


def _correlation(
    log: NDArray[np.float64], load: NDArray[np.float64], known: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Pearson's correlation of the known load with the log at each place of it."""
    size = 1 << int(np.ceil(np.log2(log.size + load.size)))

    def slide(values: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
        spectrum = np.fft.rfft(values, size) * np.conj(np.fft.rfft(template, size))
        return np.asarray(np.fft.irfft(spectrum, size)[: log.size - load.size + 1], np.float64)

    count = known.sum()
    centred = (load - (load * known).sum() / count) * known
    level = log - log.mean()
    variance = slide(level**2, known) - slide(level, known) ** 2 / count
    scale = np.sqrt(np.maximum(variance, 1e-12 * (level**2).sum() + 1e-30) * (centred**2).sum())
    return np.asarray(slide(level, centred) / scale, np.float64)


def _check_place(scores: NDArray[np.float64], best: int, width: int) -> None:
    if scores[best] < MIN_CORRELATION:
        raise MeterError(
            "csv",
            f"the load of this run is not in the log: the best correlation is {scores[best]:.2f}",
            hint="check that the log is of this run, and raise --idle-seconds",
        )
    rest = scores.copy()
    rest[max(0, best - width // 2) : best + width // 2 + 1] = -1
    if rest.size and rest.max() > scores[best] - MIN_LEAD:
        raise MeterError(
            "csv",
            f"the load of this run fits the log at two places ({scores[best]:.2f} and "
            f"{rest.max():.2f})",
            hint="cut the log to one run, or align by a pulse",
        )


def _refined(
    times_s: NDArray[np.float64],
    power_w: NDArray[np.float64],
    phases: Sequence[Phase],
    coarse_s: float,
    score: float,
) -> ClockFit:
    running = [phase for phase in phases if phase.activity is Activity.RUNNING]
    resting = [phase for phase in phases if phase.activity is not Activity.RUNNING]
    high = _level(times_s, power_w, running, coarse_s)
    low = _level(times_s, power_w, resting, coarse_s)
    # The load begins where the idle time ends, with the warm-up; it ends with the last window.
    begin = max(phase.end_s for phase in resting if phase.activity is Activity.IDLE)
    end = max(phase.end_s for phase in running)
    method = f"correlation with the load ({score:.2f})"
    log = [
        _step(times_s, power_w, begin + coarse_s, low, high),
        _step(times_s, power_w, end + coarse_s, high, low),
    ]
    period_s = float(np.median(np.diff(times_s)))
    return fit_clocks([begin, end], log, resolution_s=period_s, method=method)


def _step(
    times_s: NDArray[np.float64],
    power_w: NDArray[np.float64],
    near_s: float,
    before: float,
    after: float,
) -> float:
    """Return when power changes from one level to another: the least sum of squares says."""
    first, last = np.searchsorted(times_s, (near_s - _EDGE_SEARCH_S, near_s + _EDGE_SEARCH_S))
    first, last = int(first), int(last)
    if last - first < 2:
        return near_s
    power = power_w[first:last]
    # What it costs to take each sample as before the step, rather than as after it.
    costs = np.cumsum((power - before) ** 2 - (power - after) ** 2)
    at = first + int(np.argmin(costs[:-1]))
    return float(times_s[at] + times_s[at + 1]) / 2


def _level(
    times_s: NDArray[np.float64],
    power_w: NDArray[np.float64],
    phases: Sequence[Phase],
    shift: float,
) -> float:
    inside = np.zeros(times_s.size, np.bool_)
    for phase in phases:
        inside |= (times_s >= phase.start_s + shift) & (times_s <= phase.end_s + shift)
    return float(np.median(power_w[inside])) if inside.any() else float(np.median(power_w))
