"""What may watch a benchmark while it runs, for example a power meter."""

from dataclasses import dataclass
from time import perf_counter_ns, time_ns
from typing import Protocol, Self

__all__ = ["Instant", "RunObserver"]


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment by two clocks of the machine that drives the target.

    Attributes:
        perf_counter_ns: By the clock that never jumps, for durations.
        time_ns: Since 1970 in UTC, for what another machine or logger has written.
    """

    perf_counter_ns: int
    time_ns: int

    @classmethod
    def now(cls) -> Self:
        """Return this moment."""
        return cls(perf_counter_ns(), time_ns())


class RunObserver(Protocol):
    """Is told when the measured windows begin and end.

    All three are called by the thread that measures, outside of what is timed. Work of your own
    belongs into another thread or process only if it leaves the target's processors alone.
    """

    def idle(self) -> None:
        """The model is loaded and has run once; nothing runs until this returns.

        Called once, before the warm-up: sleep here to see what the target takes when idle.
        """
        ...

    def window_started(self, at: Instant) -> None:
        """The first run of a window begins when this returns."""
        ...

    def window_ended(self, at: Instant, runs: int) -> None:
        """The last run of a window has ended.

        Args:
            at: The moment just after it.
            runs: How many inferences the window held.
        """
        ...
