"""The script hears words in a WAV file where they are, with a model built from audio features."""

import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

STREAMING = Path(__file__).parents[2] / "examples" / "streaming"
SCRIPT = STREAMING / "keyword_spotting_wav.py"
RATE_HZ = 16_000
# A "word" is a chord with vibrato; silence is quiet noise.
WORDS = {"Low": (400, 520), "High": (1500, 2300)}
LABELS = ("Silence", *WORDS)


def sound(word, seconds, seed):
    generator = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    made = 0.003 * generator.standard_normal(len(time))
    for tone in WORDS.get(word, ()):
        pitch = tone * generator.uniform(0.95, 1.05)
        made += 0.2 * np.sin(2 * np.pi * pitch * time + 3 * np.sin(2 * np.pi * 5 * time))
    return made


def save(path, samples, *, rate_hz=RATE_HZ, channels=1, sample_bytes=2):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, sample_bytes, rate_hz, 0, "NONE", ""))
        data = np.clip(samples * 32768, -32768, 32767).astype("<i2")
        file.writeframes(np.repeat(data, channels).tobytes() if sample_bytes == 2 else bytes(300))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, build_classifier):
    """A bundle that tells the words apart, trained on seconds of each."""
    sys.path.insert(0, str(STREAMING))
    from mfcc import Mfcc

    sys.path.remove(str(STREAMING))
    mfcc = Mfcc()
    samples, classes = [], []
    for seed in range(120):
        audio = sound(LABELS[seed % 3], 1, seed)
        frames = np.lib.stride_tricks.sliding_window_view(audio, mfcc.window)[:: mfcc.stride]
        samples.append(mfcc(frames)[np.newaxis])
        classes.append(seed % 3)
    folder = tmp_path_factory.mktemp("words")
    build_classifier(folder / "kws.edgekit", np.stack(samples), classes, LABELS)
    return folder


def run(folder, wav, *options):
    command = [sys.executable, SCRIPT, folder / "kws.edgekit", wav, "--ignore", "Silence", *options]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("channels", [1, 2])
def test_words_are_heard_where_they_are(folder, tmp_path, channels):
    script = (("Silence", 1.5), ("High", 1.2), ("Silence", 1.5), ("Low", 1.2), ("Silence", 1.5))
    parts = [sound(word, seconds, 1000 + at) for at, (word, seconds) in enumerate(script)]
    save(tmp_path / "speech.wav", np.concatenate(parts), channels=channels)
    done = run(folder, tmp_path / "speech.wav")
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    found = [re.fullmatch(r" *([\d.]+) s  (\w+)  [\d.]+", line).groups() for line in lines]
    assert [word for _, word in found] == ["High", "Low"]
    assert 1.5 < float(found[0][0]) < 3.2
    assert 4.2 < float(found[1][0]) < 5.9
    # 6.9 s are 344 frames of 40 ms every 20 ms; a window of 49 of them every fifth.
    assert last == "60 windows"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: save(path, np.zeros(100), rate_hz=8000), "has 8000 Hz and 16 bits"),
        (lambda path: save(path, np.zeros(100), sample_bytes=3), "has 16000 Hz and 24 bits"),
        (lambda path: path.write_bytes(b"no sound"), "cannot read"),
        (lambda path: path.parent, "No such file"),
    ],
)
def test_what_cannot_be_heard_is_one_line(folder, tmp_path, make, message):
    make(tmp_path / "x.wav")
    done = run(folder, tmp_path / "x.wav")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
