"""Spot keywords in a stream of audio features: a sensor thread, windows, smoothing, a trigger.

    python examples/streaming/keyword_spotting.py kws.edgekit features.npz --ignore Silence Unknown

``features.npz`` has an array ``x`` of frames ``[count, features]``, one every ``--period`` seconds:
what the network was trained on, in time order. It stands in for a microphone and its feature
extraction; replace `sensor` by your own. ``--speed 0`` reads as fast as the model can follow.
"""

import argparse
from pathlib import Path
from threading import Thread
from time import sleep

import numpy as np
from numpy.typing import NDArray

from edgekit.runtime import Model
from edgekit.runtime.streaming import (
    BackPressure,
    ClosedStreamError,
    KeywordSpotter,
    Trigger,
    Windowing,
    WindowStream,
)

CHUNK = 10  # frames that the sensor hands over at once
STALL_S = 5.0


def sensor(stream: WindowStream, frames: NDArray[np.float32], pause_s: float) -> None:
    """Put frames into the stream as they come; runs in a thread of its own."""
    try:
        for at in range(0, len(frames), CHUNK):
            sleep(pause_s)
            stream.put(frames[at : at + CHUNK])
        stream.end()
    except ClosedStreamError:
        return  # whoever took the windows has stopped


def spot(model: Model, frames: NDArray[np.float32], options: argparse.Namespace) -> None:
    """Print each detection, then what became of the frames."""
    # The axis of time is the model's first that is longer than 1.
    window = next(length for length in model.inputs[0].shape if length > 1)
    trigger = Trigger(
        model.labels,
        on=options.on,
        off=options.off,
        refractory_s=options.refractory,
        ignored=options.ignore,
    )
    spotter = KeywordSpotter(
        model, trigger, smoothing_windows=options.smoothing, sample_period_s=options.period
    )
    live = options.speed > 0
    stream = WindowStream(
        Windowing(window, options.hop, frames.shape[1:]),
        policy=BackPressure.DROP_OLDEST if live else BackPressure.BLOCK,
        stall_timeout_s=STALL_S,
    )
    pause_s = CHUNK * options.period / options.speed if live else 0.0
    with stream:
        Thread(target=sensor, args=(stream, frames, pause_s), daemon=True).start()
        for each in stream:
            for found in spotter.process(each):
                print(f"{found.time_s:8.2f} s  {found.label}  {found.score:.2f}")
    counts = stream.counts
    print(f"{counts.windows} windows of {counts.samples} frames, {counts.dropped_windows} dropped")


def main() -> None:
    """Read the options and the features, and listen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("--period", type=float, default=0.02, help="seconds between frames")
    parser.add_argument("--hop", type=int, default=5, help="frames between windows")
    parser.add_argument("--smoothing", type=int, default=5, help="windows to average over")
    parser.add_argument("--on", type=float, default=0.7, help="score at which a word fires")
    parser.add_argument("--off", type=float, default=0.3, help="score below which it may again")
    parser.add_argument("--refractory", type=float, default=1.0, help="least seconds between")
    parser.add_argument("--ignore", nargs="*", default=(), help="classes that never fire")
    parser.add_argument("--speed", type=float, default=1.0, help="times real time; 0: no clock")
    options = parser.parse_args()
    with np.load(options.features) as archive:
        frames = archive["x"]
    with Model(options.bundle) as model:
        model.warm_up()
        spot(model, frames, options)


if __name__ == "__main__":
    main()
