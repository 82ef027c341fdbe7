"""Spot keywords in a WAV file: audio, features, windows, smoothing, a trigger.

    python examples/streaming/keyword_spotting_wav.py kws.edgekit speech.wav --ignore Silence

The file is read piece by piece, so that it may be of any length; replace `audio` by your
microphone. The features (`mfcc.py`, beside this script) have to be those that the network was
trained on: here 10 coefficients every 20 ms, as MLPerf Tiny has them.
"""

import argparse
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mfcc import FloatArray, Mfcc

from edgekit.runtime import Model
from edgekit.runtime.streaming import KeywordSpotter, Trigger, Windowing, sliding_windows

CHUNK = 1600  # samples that are read at once


def audio(path: Path, rate_hz: int) -> Iterator[FloatArray]:
    """Yield a file's samples; full scale is 1, channels are averaged."""
    try:
        with wave.open(str(path)) as file:
            if file.getframerate() != rate_hz or file.getsampwidth() != 2:
                raise SystemExit(
                    f"{path} has {file.getframerate()} Hz and {8 * file.getsampwidth()} bits; "
                    f"convert it to {rate_hz} Hz and 16 bits: sox IN.wav -r {rate_hz} -b 16 OUT.wav"
                )
            while data := file.readframes(CHUNK):
                samples = np.frombuffer(data, "<i2").reshape(-1, file.getnchannels())
                yield samples.mean(axis=1, dtype=np.float32) / 32768
    except (OSError, EOFError, wave.Error) as error:
        raise SystemExit(f"cannot read {path}: {error}") from error


def features(chunks: Iterator[FloatArray], mfcc: Mfcc) -> Iterator[FloatArray]:
    """Yield a frame of coefficients for each stride of audio."""
    for each in sliding_windows(chunks, Windowing(mfcc.window, mfcc.stride)):
        yield mfcc(each.values)[np.newaxis]


def spot(model: Model, path: Path, options: argparse.Namespace) -> int:
    """Print each detection; returns how many windows were heard."""
    # The axes of the input that are longer than 1 are time and coefficients.
    window, coefficients = (length for length in model.inputs[0].shape if length > 1)
    mfcc = Mfcc(window_s=options.window_ms / 1000, coefficients=coefficients)
    trigger = Trigger(
        model.labels,
        on=options.on,
        off=options.off,
        refractory_s=options.refractory,
        ignored=options.ignore,
    )
    spotter = KeywordSpotter(
        model, trigger, smoothing_windows=options.smoothing, sample_period_s=mfcc.stride_s
    )
    frames = features(audio(path, mfcc.rate_hz), mfcc)
    windows = 0
    for each in sliding_windows(frames, Windowing(window, options.hop, (coefficients,))):
        windows += 1
        for found in spotter.process(each):
            end_s = found.time_s + mfcc.window_s - mfcc.stride_s  # of the last frame's audio
            print(f"{end_s:8.2f} s  {found.label}  {found.score:.2f}")
    return windows


def main() -> None:
    """Read the options and listen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("wav", type=Path)
    parser.add_argument("--window-ms", type=float, default=40, help="audio in a frame")
    parser.add_argument("--hop", type=int, default=5, help="frames between windows")
    parser.add_argument("--smoothing", type=int, default=5, help="windows to average over")
    parser.add_argument("--on", type=float, default=0.7, help="score at which a word fires")
    parser.add_argument("--off", type=float, default=0.3, help="score below which it may again")
    parser.add_argument("--refractory", type=float, default=1.0, help="least seconds between")
    parser.add_argument("--ignore", nargs="*", default=(), help="classes that never fire")
    options = parser.parse_args()
    with Model(options.bundle) as model:
        model.warm_up()
        windows = spot(model, options.wav, options)
    print(f"{windows} windows")


if __name__ == "__main__":
    main()
