"""The process that an engine lives in: loads the model once, then runs what it is told to."""

import re
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import EngineDescription
from edgekit.benchmarks.engines.errors import EngineFailedError
from edgekit.benchmarks.engines.registry import open_engine
from edgekit.errors import EdgekitError

__all__ = ["Worker", "main"]


class Worker:
    """One engine with one model; each method answers one request of the parent."""

    def __init__(self, engine: str, case: EngineCase) -> None:
        start = perf_counter_ns()
        self._engine, self._case = open_engine(engine), case
        self._session = self._engine.prepare(case)
        self._prepare_us = (perf_counter_ns() - start) / 1e3
        self._count = len(case.samples)
        self._samples = cycle(range(self._count))

    def describe(self) -> tuple[EngineDescription, float]:
        """Return what runs, and how long it took to get ready, in microseconds."""
        return self._session.description, self._prepare_us

    def reload(self) -> float:
        """Load the model once more, elsewhere in memory; return how long that took in seconds.

        The old one is dropped afterwards, so that the new one cannot take its place.
        """
        start = perf_counter_ns()
        self._session = self._engine.prepare(self._case)
        return (perf_counter_ns() - start) / 1e9

    def outputs(self) -> list[dict[str, NDArray[Any]]]:
        """Run each sample once and return what came out."""
        results = []
        for sample in range(self._count):
            self._session.run(sample)
            made = self._session.outputs()
            results.append({name: value.copy() for name, value in made.items()})
        return results

    def block(self, count: int, uncounted: int) -> list[float]:
        """Run back to back and return the latency of each run, in microseconds.

        The first runs, which find the caches as other processes left them, are not counted.
        """
        run, samples, clock = self._session.run, self._samples, perf_counter_ns
        for _ in range(uncounted):
            run(next(samples))
        elapsed_ns = [0] * count
        for index in range(count):
            sample = next(samples)
            start = clock()
            run(sample)
            elapsed_ns[index] = clock() - start
        return [max(nanoseconds, 1) / 1e3 for nanoseconds in elapsed_ns]

    def peak_rss_bytes(self) -> int | None:
        """Return the most memory that was resident in this process, None where nobody tells.

        Not by getrusage: what it tells of a process begins with the peak of its parent.
        """
        try:
            status = Path("/proc/self/status").read_text()
        except OSError:
            return None
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)  # proc(5)
        return int(found[1]) * 1024 if found else None


def serve(connection: "Connection[Any, Any]") -> None:
    """Answer requests until the parent hangs up."""
    engine, case = connection.recv()
    worker: Worker | None = None

    def start() -> None:
        nonlocal worker
        worker = Worker(engine, case)

    connection.send(_answer(engine, start))
    while worker is not None:
        method, arguments = connection.recv()
        connection.send(_answer(engine, partial(getattr(worker, method), *arguments)))


def _answer(engine: str, work: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, work()
    except EdgekitError as error:
        return False, error
    except Exception as error:  # noqa: BLE001 - whatever a library raises is a row of the table
        text = str(error).strip().splitlines()
        why = f"{type(error).__name__}: {text[0][:300]}" if text else type(error).__name__
        return False, EngineFailedError(engine, why)


def main() -> None:
    """Serve the connection whose descriptor is the first argument."""
    # A terminal's Ctrl-C is for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptor = int(sys.argv[1])
    with Connection(descriptor) as connection:
        try:
            serve(connection)
        except (EOFError, ConnectionError):
            return  # the parent is gone or has what it wants


if __name__ == "__main__":
    main()
