"""A power meter that watches a benchmark: from idle time and windows to energy per inference."""

from math import isfinite
from time import perf_counter, sleep

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.observing import Instant
from edgekit.benchmarks.power.energy import EnergyResult, energy_per_inference
from edgekit.benchmarks.power.meter import Activity, Phase, PowerMeter, RunFinder

__all__ = ["EnergyObserver"]

# The meter goes on for this long after the last window, so that its end lies between samples.
_TAIL_S = 0.3


class EnergyObserver:
    """Records what a run does with a meter; see `edgekit.benchmarks.observing.RunObserver`.

    Args:
        meter: Open; the caller closes it.
        idle_seconds: How long to measure the idle power before the warm-up; 0 for not at all.

    Raises:
        InvalidOptionError: ``idle_seconds`` is out of range.
    """

    def __init__(self, meter: PowerMeter, idle_seconds: float) -> None:
        if not (isfinite(idle_seconds) and idle_seconds >= 0):
            raise InvalidOptionError("idle_seconds", idle_seconds, "a number of seconds, 0 or more")
        self._meter = meter
        self._idle_seconds = idle_seconds
        self._phases: list[Phase] = []
        self._window_start_s = 0.0

    def idle(self) -> None:
        """Start the meter and let the device rest.

        Raises:
            MeterError: The meter does not answer.
        """
        self._phases = []
        self._meter.start()
        if self._idle_seconds:
            start_s = perf_counter()
            sleep(self._idle_seconds)
            self._phases.append(Phase(Activity.IDLE, start_s, perf_counter()))

    def window_started(self, at: Instant) -> None:
        """Note the moment."""
        self._window_start_s = at.perf_counter_ns / 1e9

    def window_ended(self, at: Instant, runs: int) -> None:
        """Note the window."""
        window = Phase(Activity.RUNNING, self._window_start_s, at.perf_counter_ns / 1e9, runs)
        self._phases.append(window)

    def energy(self, *, seed: int) -> EnergyResult:
        """Stop the meter and return what the windows took; called once, after the run.

        Args:
            seed: Of the bootstrap intervals.

        Raises:
            MeterError: The meter failed, or its recording does not hold the windows.
        """
        start_s = perf_counter()
        sleep(_TAIL_S)
        phases = [*self._phases, Phase(Activity.COOLING, start_s, perf_counter())]
        if isinstance(self._meter, RunFinder):
            self._meter.expect(phases)
        recording = self._meter.stop()
        return energy_per_inference(recording, phases, self._meter.info, seed=seed)
