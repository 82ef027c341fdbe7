"""The keyword spotting script runs from a shell and prints what the model hears, when it does."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgekit.runtime import Model

SCRIPT = Path(__file__).parents[2] / "examples" / "streaming" / "keyword_spotting.py"
LABELS = ("ant", "bee", "cat", "dog", "eel")
PERIOD_S = 0.01
WINDOW, HOP = 4, 2  # the model's time axis; every second frame


@pytest.fixture(scope="module")
def project(tmp_path_factory, tflite_models):
    """A classifier of four frames, and 60 frames."""
    folder = tmp_path_factory.mktemp("project")
    tflite_models.conv_bundle(folder / "m.edgekit", image=None, labels=LABELS)
    frames = np.random.default_rng(1).uniform(-1, 1, (60, 6, 3)).astype(np.float32)
    np.savez(folder / "features.npz", x=frames)
    return folder, frames


def run(folder, *options):
    command = [sys.executable, SCRIPT, folder / "m.edgekit", folder / "features.npz"]
    words = ["--period", str(PERIOD_S), "--hop", str(HOP), "--smoothing", "1", *options]
    done = subprocess.run([*command, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^ *([\d.]+) s  (\w+)  ([\d.]+)$", done.stdout, re.MULTILINE)
    return [(float(time), label) for time, label, _ in found], done.stdout.splitlines()[-1]


def heard(folder, frames, on, ignored):
    """Return the first time that each class is heard, window by window."""
    first = {}
    with Model(folder / "m.edgekit") as model:
        for at in range(0, len(frames) - WINDOW + 1, HOP):
            scores = model(frames[at : at + WINDOW])["scores"][0]
            for label, score in zip(LABELS, scores, strict=True):
                if score >= on and label not in ignored:
                    first.setdefault(label, round((at + WINDOW) * PERIOD_S, 2))
    return sorted((time, label) for label, time in first.items())


@pytest.mark.parametrize(("speed", "ignored"), [("0", ()), ("20", ("bee",))])
def test_it_prints_each_word_once_with_its_time(project, speed, ignored):
    folder, frames = project
    options = ["--on", "0.3", "--off", "0", "--speed", speed]
    found, last = run(folder, *options, *(["--ignore", *ignored] if ignored else []))
    expected = heard(folder, frames, 0.3, ignored)
    assert len(expected) >= 2
    assert found == expected  # off is 0: nothing falls below it, so that nothing fires twice
    assert last == "29 windows of 60 frames, 0 dropped"
