"""Time several models in turns, so that differences between them are not the machine's drift."""

from collections.abc import Mapping, Sequence
from math import ceil
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.profiling.options import ProfileOptions
from edgekit.runtime import open_interpreter

__all__ = ["time_in_turns"]

_PROBE_RUNS = 3
# The part of a block that runs before the counted runs: the caches are still another's.
_UNCOUNTED = 0.2
_MAX_BLOCK_RUNS = 500


class _Contestant:
    """A loaded model that is only invoked."""

    def __init__(
        self, content: bytes, inputs: Mapping[str, NDArray[Any]], options: ProfileOptions
    ) -> None:
        self._interpreter, _ = open_interpreter(
            content, threads=options.threads, kernels=options.kernels
        )
        for detail in self._interpreter.get_input_details():
            self._interpreter.set_tensor(detail["index"], inputs[detail["name"]])
        self._interpreter.invoke()
        latency_us = min(self._run(_PROBE_RUNS))
        wanted = int(options.block_seconds * 1e6 / latency_us)
        self._count = max(1, min(_MAX_BLOCK_RUNS, wanted))

    def block(self) -> float:
        """Return the median latency of a block, in microseconds."""
        for _ in range(ceil(self._count * _UNCOUNTED)):
            self._interpreter.invoke()
        return float(np.median(self._run(self._count)))

    def _run(self, count: int) -> list[float]:
        invoke, clock = self._interpreter.invoke, perf_counter_ns
        elapsed_ns = [0] * count
        for index in range(count):
            start = clock()
            invoke()
            elapsed_ns[index] = clock() - start
        return [max(nanoseconds, 1) / 1e3 for nanoseconds in elapsed_ns]


def time_in_turns(
    contents: Sequence[bytes], inputs: Mapping[str, NDArray[Any]], options: ProfileOptions
) -> NDArray[np.float64]:
    """Return the latency of each model in each round, in microseconds.

    Only the call of ``invoke`` is timed: the inputs are copied in once. A round loads all
    models anew and in another order, because where their memory happens to lie moves a latency
    by some per cent; then each has its turns, in an order that is drawn anew for each of them.
    The latency is the median of the quickest turn: what else runs on the machine only ever
    lengthens one, and differences between models are far smaller than what it adds.

    Args:
        contents: ``.tflite`` models whose inputs have the names of ``inputs``.
        inputs: Raw arrays by name.
        options: How many rounds and turns, how long, and with what.

    Returns:
        An array ``[rounds, models]``.

    Raises:
        InterpreterError: The interpreter refuses a model.
    """
    generator = np.random.default_rng(options.seed)
    latencies = np.zeros((options.rounds, len(contents)))
    for number in range(options.rounds):
        loaded = {
            int(index): _Contestant(contents[index], inputs, options)
            for index in generator.permutation(len(contents))
        }
        turns = np.zeros((options.turns, len(contents)))
        for turn in range(options.turns):
            for index in generator.permutation(len(contents)):
                turns[turn, index] = loaded[index].block()
        latencies[number] = turns.min(axis=0)
    return latencies
