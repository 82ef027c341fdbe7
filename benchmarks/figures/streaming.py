"""Keyword spotting over a synthetic hour: is each sample processed once, and is memory flat?

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx`` and
``kws_eval.npz``. The bundle is calibrated on the first 100 samples; the hour is made of the other
900: frames of ten features, one every 20 ms (the frame stride of MLPerf Tiny's keyword
benchmark), words in random order with one to three seconds of silence after each.

The hour is fed twice, in chunks of random sizes. First by a clock that is ``--speed`` times as
fast as real time, as from a live sensor (DROP_OLDEST: whoever is late loses windows); then as fast
as windows are taken (BLOCK). Every window is compared with the same frames of the hour, and its
number must come once and in order. Resident memory is read from ``/proc/self/statm`` after a
warm-up, at every twentieth of the hour, and at its end.

    python benchmarks/figures/streaming.py --json docs/figures/streaming.json
"""

import argparse
import json
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks import Measurement, Provenance, capture_environment
from edgekit.files import atomic_write
from edgekit.runtime import Model
from edgekit.runtime.streaming import (
    BackPressure,
    Detection,
    KeywordSpotter,
    Trigger,
    Windowing,
    WindowStream,
)

LABELS = tuple("Down Go Left No Off On Right Stop Up Yes Silence Unknown".split())
IGNORED = ("Silence", "Unknown")
PERIOD_S = 0.02
WINDOWING = Windowing(window=49, hop=5, sample_shape=(10,))
SMOOTHING_WINDOWS = 5
READINGS = 20
LATE_S = 1.0  # a word counts as found if it is detected no later than this after its end
LARGEST_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Recording:
    """Frames, and the words in them.

    Attributes:
        frames: ``[count, *sample_shape]``.
        words: Label, first frame and end of each word that is to be found.
    """

    frames: NDArray[np.float32]
    words: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What one pass over a recording showed."""

    policy: BackPressure
    seconds: float
    windows: int
    windows_expected: int
    windows_wrong: int  # not the next number, or other values than the recording has there
    dropped_windows: int
    lost_samples: int
    unprocessed_samples: int  # at the end, too few for another window
    rss_bytes: tuple[int, ...]
    detections: tuple[Detection, ...]


def made_hour(x: NDArray[np.float32], y: NDArray[np.int32], frames: int, seed: int) -> Recording:
    """Return words of all classes but silence, each with silence after it."""
    generator = np.random.default_rng(seed)
    clips = x[:, 0]
    silence = LABELS.index("Silence")
    silent, spoken = np.flatnonzero(y == silence), np.flatnonzero(y != silence)
    parts: list[NDArray[np.float32]] = []
    words: list[tuple[str, int, int]] = []
    at = 0
    while at < frames:
        word = generator.choice(spoken)
        label = LABELS[y[word]]
        if label not in IGNORED and at + clips.shape[1] <= frames:
            words.append((label, at, at + clips.shape[1]))
        chosen = [word, *generator.choice(silent, generator.integers(1, 4))]
        parts.extend(clips[chosen])
        at += len(chosen) * clips.shape[1]
    return Recording(np.concatenate(parts)[:frames], tuple(words))


def feed(stream: WindowStream, frames: NDArray[np.float32], speed: float | None) -> None:
    """Put all frames in chunks of random sizes, ``speed`` times as fast as they were spoken."""
    generator = np.random.default_rng(0)
    began_s, at = perf_counter(), 0
    try:
        while at < len(frames):
            end = min(len(frames), at + int(generator.integers(1, LARGEST_CHUNK + 1)))
            if speed is not None:  # a chunk is there when its last frame was spoken
                sleep(max(0.0, began_s + end * PERIOD_S / speed - perf_counter()))
            stream.put(frames[at:end])
            at = end
    finally:
        stream.end()


def play(
    spotter: KeywordSpotter, recording: Recording, windowing: Windowing, speed: float | None
) -> Run:
    """Feed a recording from a thread of its own and follow it in this one."""
    frames = recording.frames
    policy = BackPressure.BLOCK if speed is None else BackPressure.DROP_OLDEST
    expected = len(range(0, len(frames) - windowing.window + 1, windowing.hop))
    every = max(1, expected // READINGS)
    found: list[Detection] = []
    wrong = taken = 0
    with WindowStream(windowing, policy=policy, stall_timeout_s=60) as stream:
        producer = Thread(target=feed, args=(stream, frames, speed))
        rss = [rss_bytes()]
        began_s = perf_counter()
        producer.start()
        for window in stream:
            same = np.array_equal(window.values, frames[window.first : window.end])
            wrong += not (same and window.first == taken * windowing.hop)
            found.extend(spotter.process(window))
            taken += 1
            if taken % every == 0:
                rss.append(rss_bytes())
        seconds = perf_counter() - began_s
        producer.join()
    rss.append(rss_bytes())
    counts = stream.counts
    return Run(
        policy,
        seconds,
        taken,
        expected,
        wrong,
        counts.dropped_windows,
        counts.lost_samples,
        counts.waiting,
        tuple(rss),
        tuple(found),
    )


def found_words(run: Run, recording: Recording) -> tuple[int, int]:
    """Return how many words were detected, and how many detections belong to no word."""
    left = list(run.detections)
    hits = 0
    for label, first, end in recording.words:
        for each in left:
            if each.label == label and first * PERIOD_S < each.time_s <= end * PERIOD_S + LATE_S:
                left.remove(each)
                hits += 1
                break
    return hits, len(left)


def rss_bytes() -> int:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def figures(run: Run, recording: Recording) -> dict[str, Any]:
    """Return a run as JSON values."""
    hits, false_alarms = found_words(run, recording)
    audio_s = len(recording.frames) * PERIOD_S
    rss = Measurement(
        run.rss_bytes[-1] - run.rss_bytes[0],
        "bytes",
        Provenance.MEASURED,
        "resident memory at the end less at the start (/proc/self/statm); samples: all readings",
        samples=run.rss_bytes,
    )
    speed = Measurement(
        audio_s / run.seconds, "x real time", Provenance.MEASURED, "length of the audio over time"
    )
    return {
        "policy": run.policy,
        "speed": speed.to_json(),
        "rss_start_bytes": run.rss_bytes[0],
        "rss_end_bytes": run.rss_bytes[-1],
        "rss_growth": rss.to_json(),
        "samples": len(recording.frames),
        "windows": run.windows,
        "windows_expected": run.windows_expected,
        "windows_wrong": run.windows_wrong,
        "dropped_windows": run.dropped_windows,
        "lost_samples": run.lost_samples,
        "unprocessed_samples": run.unprocessed_samples,
        "words": len(recording.words),
        "words_found": hits,
        "false_alarms": false_alarms,
    }


def build_bundle(data: Path, path: Path) -> None:
    """Build the keyword bundle; in a process of its own, whose memory is not measured."""
    from edgekit.build_options import BuildOptions
    from edgekit.building import build

    others = f"{data}/kws_eval.npz[100:]"
    options = BuildOptions(
        calibration_data=f"{data}/kws_eval.npz[:100]",
        evaluation_data=others,
        labels=others,
        class_names=LABELS,
    )
    build(data / "kws_dscnn.onnx", path, options)


def main() -> None:
    """Build, play the hour twice, print the figures, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=20.0, help="times real time, first pass")
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the recording")
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    with np.load(data / "kws_eval.npz") as archive:
        frames = round(arguments.minutes * 60 / PERIOD_S)
        recording = made_hour(archive["x"][100:], archive["y"][100:], frames, seed=0)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "kws.edgekit"
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(build_bundle, data, path).result()
        with Model(path) as model:
            environment = capture_environment(model.backend).to_json()
            model.warm_up(50)
            for speed in (arguments.speed, None):
                trigger = Trigger(LABELS, on=0.7, off=0.3, refractory_s=1.0, ignored=IGNORED)
                spotter = KeywordSpotter(
                    model,
                    trigger,
                    smoothing_windows=SMOOTHING_WINDOWS,
                    sample_period_s=PERIOD_S,
                )
                rows.append(figures(play(spotter, recording, WINDOWING, speed), recording))
                print(json.dumps(rows[-1]))
    content = {"schema_version": 1, "environment": environment, "runs": rows}
    atomic_write(arguments.json, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
