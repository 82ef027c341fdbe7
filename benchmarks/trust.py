"""Why the figure of a benchmark may not repeat: read from its windows and from the machine."""

from collections.abc import Iterable, Sequence

from edgekit.benchmarks.statistics import mad, median, trend_p_value
from edgekit.benchmarks.system_state import SystemState
from edgekit.benchmarks.window import Window

__all__ = [
    "MAX_FREQUENCY_DRIFT",
    "MAX_OTHER_LOAD",
    "MAX_RELATIVE_MAD",
    "MAX_STOLEN",
    "MAX_TREND",
    "MAX_WINDOW_RANGE",
    "MIN_TRUSTED_RUNS",
    "MIN_TRUSTED_SECONDS",
    "disturbances",
    "other_load",
    "reasons_against",
    "stolen_share",
]

# Above these a second run would likely give another median; a quiet host stays below 1 %.
MAX_RELATIVE_MAD = 0.05
MAX_WINDOW_RANGE = 0.05
MAX_TREND = 0.02
MAX_FREQUENCY_DRIFT = 0.02
MAX_OTHER_LOAD = 0.1  # processors
MAX_STOLEN = 0.01  # of the processors' time
MIN_TRUSTED_RUNS = 30
MIN_TRUSTED_SECONDS = 1.0

_TREND_SIGNIFICANCE = 0.05
# Processor times are counted in ticks of 10 ms, and own time against them is off by some.
_LEAST_SECONDS_OF_LOAD = 0.5


def reasons_against(
    windows: Sequence[Window], states: Sequence[SystemState], *, asked: int, cores: int
) -> tuple[str, ...]:
    """Return why the median may not repeat, in sentences; empty where nothing speaks against it.

    Args:
        windows: At least one.
        states: Of the machine before the first window and after each; empty where a target has
            nothing that could change.
        asked: How many windows there should be.
        cores: Logical cores of the machine.
    """
    found = (
        _interrupted(windows, asked),
        _spread(windows),
        _windows_apart(windows),
        _windows_trend(windows),
        _too_few(windows),
        _too_short(windows),
    )
    return (*filter(None, found), *disturbances(states, cores))


def disturbances(states: Sequence[SystemState], cores: int) -> tuple[str, ...]:
    """Return what disturbed the machine, in sentences.

    Args:
        states: At several moments; empty where a target has nothing that could change.
        cores: Logical cores of the machine.
    """
    found = (
        _frequency_drift(states),
        _throttled(states),
        _other_load(states),
        _stolen(states, cores),
    )
    return tuple(filter(None, found))


def other_load(states: Sequence[SystemState]) -> float | None:
    """Return how many processors other processes kept busy on average, None where unknown."""
    if len(states) < 2:
        return None
    first, last = states[0], states[-1]
    seconds = last.clock_s - first.clock_s
    busy, own = _passed(first.busy_s, last.busy_s), _passed(first.own_s, last.own_s)
    if busy is None or own is None or seconds < _LEAST_SECONDS_OF_LOAD:
        return None
    return max(0.0, (busy - own) / seconds)


def stolen_share(states: Sequence[SystemState], cores: int) -> float | None:
    """Return the share of the processors' time that a hypervisor gave to others."""
    if len(states) < 2:
        return None
    seconds = states[-1].clock_s - states[0].clock_s
    stolen = _passed(states[0].stolen_s, states[-1].stolen_s)
    if stolen is None or seconds < _LEAST_SECONDS_OF_LOAD:
        return None
    return stolen / seconds / cores


def _passed(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _interrupted(windows: Sequence[Window], asked: int) -> str | None:
    if len(windows) >= asked:
        return None
    return f"it was interrupted: {len(windows)} of {asked} windows"


def _spread(windows: Sequence[Window]) -> str | None:
    spread = median([mad(window.samples_us) / window.median_us for window in windows])
    if spread <= MAX_RELATIVE_MAD:
        return None
    return (
        f"the spread is too wide: MAD is {spread:.1%} of the median, "
        f"more than {MAX_RELATIVE_MAD:.0%}"
    )


def _windows_apart(windows: Sequence[Window]) -> str | None:
    medians = [window.median_us for window in windows]
    apart = (max(medians) - min(medians)) / median(medians)
    if apart <= MAX_WINDOW_RANGE:
        return None
    return f"the windows disagree: their medians lie {apart:.1%} apart"


def _windows_trend(windows: Sequence[Window]) -> str | None:
    medians = [window.median_us for window in windows]
    change = medians[-1] / medians[0] - 1
    if abs(change) <= MAX_TREND or trend_p_value(medians) >= _TREND_SIGNIFICANCE:
        return None
    return (
        f"the windows drift: they get {'slower' if change > 0 else 'faster'}, by {abs(change):.1%}"
    )


def _too_few(windows: Sequence[Window]) -> str | None:
    runs = sum(window.runs for window in windows)
    return (
        f"too few runs: {runs}, less than {MIN_TRUSTED_RUNS}" if runs < MIN_TRUSTED_RUNS else None
    )


def _too_short(windows: Sequence[Window]) -> str | None:
    seconds = sum(window.total_us for window in windows) / 1e6
    if seconds >= MIN_TRUSTED_SECONDS:
        return None
    return f"too short: {seconds:.2g} s of inference, less than {MIN_TRUSTED_SECONDS:g} s"


def _frequency_drift(states: Sequence[SystemState]) -> str | None:
    seen = [state.frequency_hz for state in states if state.frequency_hz]
    drift = 1 - min(seen) / max(seen) if seen else 0.0
    if drift <= MAX_FREQUENCY_DRIFT:
        return None
    low, high = min(seen) / 1e6, max(seen) / 1e6
    return f"the frequency drifts: {low:,.0f} to {high:,.0f} MHz"


def _throttled(states: Sequence[SystemState]) -> str | None:
    named = _each_once(name for state in states for name in state.throttling)
    if named:
        return f"the processor is slowed down: {', '.join(named)}"
    counts = [state.throttle_count for state in states if state.throttle_count is not None]
    rise = counts[-1] - counts[0] if counts else 0
    return f"the processor is slowed down: {rise} thermal throttle events" if rise > 0 else None


def _other_load(states: Sequence[SystemState]) -> str | None:
    load = other_load(states)
    if load is None or load <= MAX_OTHER_LOAD:
        return None
    return f"other processes kept {load:.2f} processors busy, more than {MAX_OTHER_LOAD:g}"


def _stolen(states: Sequence[SystemState], cores: int) -> str | None:
    share = stolen_share(states, cores)
    if share is None or share <= MAX_STOLEN:
        return None
    return f"the hypervisor gave {share:.1%} of the processors' time to others"


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
