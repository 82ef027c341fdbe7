"""What a meter recorded, and the energy between two moments of it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.power.errors import MeterError

__all__ = ["Gap", "Quantity", "Recording", "Trace", "find_gaps"]

# A meter that is asked n times a second sometimes answers late; beyond this a sample is missing.
_LATE_PERIODS = 3.0


class Quantity(StrEnum):
    """What the values of a trace are."""

    POWER = "power"  # W at that moment; between two samples it is taken as linear
    ENERGY = "energy"  # J since some moment in the past; only differences count


@dataclass(frozen=True, slots=True)
class Gap:
    """A span without samples.

    Attributes:
        start_s: Time of the last sample before it.
        end_s: Time of the first sample after it.
    """

    start_s: float
    end_s: float

    def within(self, start_s: float, end_s: float) -> float:
        """Return how many seconds of it lie between two moments."""
        return max(0.0, min(self.end_s, end_s) - max(self.start_s, start_s))


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """The samples of one channel.

    Attributes:
        channel: Its name, for example ``package-0``.
        quantity: What the values are.
        times_s: When each was taken, on the clock of ``time.perf_counter``; rising.
        values: In W or J.
        counted: Whether it adds to the total; False where another channel holds it already.
    """

    channel: str
    quantity: Quantity
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    counted: bool = True

    def energy_j(self, start_s: float, end_s: float) -> float:
        """Return the energy between two moments, in J.

        Power is integrated by the trapezoidal rule, with both ends interpolated; a counter is
        interpolated at both ends.

        Raises:
            MeterError: The trace does not reach from the one moment to the other.
        """
        times, values = self.times_s, self.values
        if times.size < 2 or start_s < times[0] or end_s > times[-1]:
            span = f"{times[0]:.3f} to {times[-1]:.3f} s" if times.size else "nothing"
            raise MeterError(
                self.channel,
                f"it recorded {span} with {times.size} samples, "
                f"which does not hold {start_s:.3f} to {end_s:.3f} s",
                hint="the meter started late, stopped early, or its clock is not this machine's",
            )
        ends = np.interp((start_s, end_s), times, values)
        if self.quantity is Quantity.ENERGY:
            return float(ends[1] - ends[0])
        first, last = np.searchsorted(times, start_s, "right"), np.searchsorted(times, end_s)
        inner = slice(first, last)
        at = np.concatenate(([start_s], times[inner], [end_s]))
        power = np.concatenate((ends[:1], values[inner], ends[1:]))
        return float(np.dot(power[1:] + power[:-1], np.diff(at)) / 2)

    def samples_within(self, start_s: float, end_s: float) -> int:
        """Return how many samples lie between two moments."""
        first, last = np.searchsorted(self.times_s, (start_s, end_s))
        return int(last - first)


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """All that a meter recorded between its start and its stop.

    Attributes:
        traces: One for each channel; at least one of them is counted.
        gaps: Spans without samples.
        saturated_at_s: Times of samples that were cut off at the end of the meter's range.
        notes: What the reader of a result should know, in sentences.
    """

    traces: tuple[Trace, ...]
    gaps: tuple[Gap, ...] = ()
    saturated_at_s: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def find_gaps(times_s: NDArray[np.float64], period_s: float) -> tuple[Gap, ...]:
    """Return the spans between samples that are much longer than the meter's period.

    Args:
        times_s: Times of the samples; rising.
        period_s: How long it should take from one to the next.
    """
    wide = np.flatnonzero(np.diff(times_s) > _LATE_PERIODS * period_s)
    return tuple(Gap(float(times_s[at]), float(times_s[at + 1])) for at in wide)
