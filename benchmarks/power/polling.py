"""A thread that asks a meter again and again, for meters that do not record by themselves."""

import os
import threading
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.pinning import current_affinity
from edgekit.benchmarks.power.errors import MeterError
from edgekit.errors import EdgekitError

__all__ = ["Poller"]

_STOP_SECONDS = 10.0
_SLOWEST_HZ, _FASTEST_HZ = 0.01, 10_000.0


class Poller:
    """Reads values at a steady rate in a thread of its own.

    Where the run is pinned to some of the processors that this process had when the poller was
    made, the thread keeps to the others.

    A sample's time is the middle between the moments before and after it was read. What is late
    is not caught up with: the next sample is due a period after the last one was.

    Args:
        meter: Name of the meter, for errors.
        read: Returns the values of one sample. What it raises ends the polling and is raised by
            `stop`.
        rate_hz: How many samples a second.

    Raises:
        InvalidOptionError: The rate is out of range.
    """

    def __init__(self, meter: str, read: Callable[[], Sequence[float]], rate_hz: float) -> None:
        if not _SLOWEST_HZ <= rate_hz <= _FASTEST_HZ:
            allowed = f"between {_SLOWEST_HZ:g} and {_FASTEST_HZ:g}"
            raise InvalidOptionError(f"{meter}:rate_hz", rate_hz, allowed)
        self._meter = meter
        self._read = read
        self._period_s = 1 / rate_hz
        self._cpus = set(current_affinity())
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self._rows: list[tuple[float, Sequence[float]]] = []
        self._error: EdgekitError | None = None

    def start(self) -> None:
        """Take the first sample here, where its errors are raised, and go on in the thread.

        Raises:
            EdgekitError: Whatever the first sample raised.
        """
        self._halt.clear()
        self._error = None
        self._rows = []
        self._sample()
        self._thread = threading.Thread(target=self._run, name=f"{self._meter}-poller", daemon=True)
        self._thread.start()

    def stop(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Take a last sample and return the times [n] in s and the values [n, channels].

        Raises:
            EdgekitError: Whatever a sample raised.
            MeterError: A read does not return.
        """
        self.halt()
        if self._error is None:
            self._sample()
        if self._error is not None:
            raise self._error
        times = np.array([time for time, _ in self._rows], np.float64)
        values = np.array([row for _, row in self._rows], np.float64)
        rising = np.concatenate(([True], np.diff(times) > 0))
        return times[rising], values[rising]

    def halt(self) -> None:
        """End the thread, if it runs."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._halt.set()
        thread.join(_STOP_SECONDS)
        if thread.is_alive():
            raise MeterError(
                self._meter,
                f"a read did not return within {_STOP_SECONDS:.0f} s",
                hint="unplug the meter and plug it in again",
            )

    def _run(self) -> None:
        self._make_room()
        due = perf_counter() + self._period_s
        while not self._halt.wait(max(0.0, due - perf_counter())):
            try:
                self._sample()
            except EdgekitError as error:
                self._error = error
                return
            due = max(due + self._period_s, perf_counter())

    def _make_room(self) -> None:
        # A thread starts on the processors of the one that started it, which the run may be
        # pinned to.
        others = self._cpus - set(current_affinity())
        if others:
            os.sched_setaffinity(0, others)

    def _sample(self) -> None:
        before = perf_counter()
        values = self._read()
        self._rows.append(((before + perf_counter()) / 2, values))
