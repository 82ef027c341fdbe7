"""Find anomalies in a stream of CSV lines with an autoencoder: it fails where data are unusual.

    python examples/streaming/anomaly_detection_csv.py ad.edgekit machine.csv
    read-sensor | python examples/streaming/anomaly_detection_csv.py ad.edgekit -

A line is one sample: a number for each channel, separated by commas; a first line of names is
skipped. The network takes a window of them (``[1, window, channels]``) and returns the same. Its
squared error is the score. The first windows, ``--baseline`` of them, are taken for normal: an
anomaly begins ``--on`` standard deviations above their mean and ends below ``--off``.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from edgekit.runtime import Model
from edgekit.runtime.streaming import (
    BackPressure,
    ClosedStreamError,
    StalledError,
    Trigger,
    Windowing,
    WindowStream,
)


class CsvSensor(Thread):
    """Puts each line of a CSV into a stream as it comes.

    Attributes:
        problem: Why it stopped before the end, None if it did not.
    """

    def __init__(self, lines: Iterable[str], stream: WindowStream) -> None:
        super().__init__(daemon=True)
        self.problem: str | None = None
        self._lines = lines
        self._stream = stream

    def run(self) -> None:
        """Read until the lines end, one is no sample, or nobody takes windows any more."""
        try:
            for number, line in enumerate(self._lines, 1):
                sample = self._sample(number, line)
                if sample is not None:
                    self._stream.put(sample[np.newaxis])
        except ClosedStreamError:
            return
        except (ValueError, OSError) as error:
            self.problem = str(error)
        self._stream.end()

    def _sample(self, number: int, line: str) -> NDArray[np.float32] | None:
        """Return a line's numbers, None for an empty line and for one of names at the start."""
        channels = self._stream.windowing.sample_shape[0]
        cells = line.strip().split(",")
        try:
            sample = np.array(cells, np.float32)
        except ValueError as error:
            if number == 1 or cells == [""]:
                return None
            raise ValueError(f"line {number} is no row of numbers: {line!r}") from error
        if len(cells) != channels or not np.isfinite(sample).all():
            raise ValueError(f"line {number} has no {channels} finite numbers: {line!r}")
        return sample


class Judge:
    """Turns errors of reconstruction into anomalies, each told once.

    Args:
        baseline: How many windows at the start are taken for normal.
        on: Standard deviations above their mean at which an anomaly begins.
        off: Standard deviations below which it has ended.
    """

    def __init__(self, baseline: int, on: float, off: float) -> None:
        self._baseline = baseline
        self._normal: list[float] = []
        self._trigger = Trigger(["anomaly"], on=on, off=off, refractory_s=0)

    def update(self, error: float, time_s: float) -> float | None:
        """Return how many standard deviations an anomaly is away when it begins, else None."""
        if len(self._normal) < self._baseline:
            self._normal.append(error)
            return None
        spread = float(np.std(self._normal)) or np.finfo(np.float32).tiny
        score = (error - float(np.mean(self._normal))) / spread
        found = self._trigger.update(np.array([score]), time_s)
        return found[0].score if found else None


def windows(stream: WindowStream) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the end and the values of each window; says when no sample comes, and waits on."""
    while True:
        try:
            for each in stream:
                yield each.end, each.values
        except StalledError as stalled:
            print(f"{stalled.message}; waiting", file=sys.stderr)
        else:
            return


def per_channel(numbers: list[float], channels: int) -> NDArray[np.float32]:
    """Return a number for each channel, of which one may stand for all."""
    if len(numbers) not in (1, channels):
        raise SystemExit(f"{len(numbers)} numbers were given for {channels} channels")
    return np.broadcast_to(np.float32(numbers), channels)


def watch(model: Model, lines: Iterable[str], options: argparse.Namespace) -> str | None:
    """Print each anomaly; returns why the stream stopped early, None if it did not."""
    _, window, channels = model.inputs[0].shape
    judge = Judge(options.baseline, options.on, options.off)
    stream = WindowStream(
        Windowing(window, options.hop or window, (channels,)),
        policy=BackPressure.BLOCK,  # a file or a pipe can wait
        stall_timeout_s=options.stall,
    )
    mean, std = per_channel(options.mean, channels), per_channel(options.std, channels)
    with stream:
        sensor = CsvSensor(lines, stream)
        sensor.start()
        for end, values in windows(stream):
            normal = (values - mean) / std
            (rebuilt,) = model(normal[np.newaxis]).values()
            error = float(np.mean((rebuilt.reshape(normal.shape) - normal) ** 2))
            away = judge.update(error, end * options.period)
            if away is not None:
                print(f"{end * options.period:8.2f} s  anomaly, {away:.1f} deviations", flush=True)
    print(f"{stream.counts.windows} windows of {stream.counts.samples} samples")
    return sensor.problem


def main() -> None:
    """Read the options, and watch a file or standard input."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("csv", type=Path, help="a file, or - for standard input")
    parser.add_argument("--period", type=float, default=0.01, help="seconds between samples")
    parser.add_argument("--hop", type=int, help="samples between windows; default: a window")
    parser.add_argument("--baseline", type=int, default=50, help="windows that are normal")
    parser.add_argument("--on", type=float, default=8.0, help="deviations that begin an anomaly")
    parser.add_argument("--off", type=float, default=4.0, help="deviations that end it")
    parser.add_argument("--mean", type=float, nargs="+", default=[0.0], help="of each channel")
    parser.add_argument("--std", type=float, nargs="+", default=[1.0], help="of each channel")
    parser.add_argument("--stall", type=float, default=5.0, help="seconds until a gap is told")
    options = parser.parse_args()
    with Model(options.bundle) as model:
        model.warm_up()
        if options.csv == Path("-"):
            problem = watch(model, sys.stdin, options)
        else:
            with options.csv.open() as file:
                problem = watch(model, file, options)
    if problem:
        raise SystemExit(problem)


if __name__ == "__main__":
    main()
