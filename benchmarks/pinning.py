"""Binds a process to some of its processors, and frees it again."""

import os
import sys
from collections.abc import Sequence

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["Pin", "current_affinity"]


def current_affinity() -> tuple[int, ...]:
    """Return the processors that the calling thread may use; empty where a system has no such."""
    if sys.platform != "linux":
        return ()
    return tuple(sorted(os.sched_getaffinity(0)))


class Pin:
    """Holds the calling thread, and the threads that it starts, on given processors.

    sched_setaffinity(2) binds one thread; threads inherit it when they start, so that the
    interpreter, which makes its threads while it loads, has to load after this.

    Args:
        cpus: Numbers of processors; none leaves everything as it is.

    Raises:
        InvalidOptionError: The process may not use one of them, or the system cannot do this.
    """

    def __init__(self, cpus: Sequence[int]) -> None:
        self._before = current_affinity()
        self._held = bool(cpus)
        if not cpus:
            return
        allowed = ", ".join(map(str, self._before))
        if not set(cpus) <= set(self._before):
            given = ", ".join(map(str, cpus))
            raise InvalidOptionError("pin", given, f"processors of {allowed or 'a Linux system'}")
        os.sched_setaffinity(0, cpus)

    def release(self) -> None:
        """Give the thread back the processors that it had; releasing twice is fine."""
        if self._held:
            os.sched_setaffinity(0, self._before)
            self._held = False
