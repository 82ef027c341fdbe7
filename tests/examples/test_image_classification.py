"""The script classifies a folder of pictures, and counts where their folders name the classes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle import ImagePreprocessing
from edgekit.converters.calibration import InputDeclaration

SCRIPT = Path(__file__).parents[2] / "examples" / "streaming" / "image_classification.py"
LABELS = ("across", "down")


def picture(kind, seed, size=8):
    """Return a grey picture that grows brighter across or down, ``[size, size]``."""
    generator = np.random.default_rng(seed)
    ramp = np.linspace(20, 220, size)
    made = np.tile(ramp, (size, 1)) if kind == "across" else np.tile(ramp[:, None], (1, size))
    return np.clip(made + generator.normal(0, 8, made.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, build_classifier):
    """A bundle, and folders with pictures of other sizes than its input."""
    folder = tmp_path_factory.mktemp("pictures")
    classes = np.arange(60) % 2
    samples = np.stack([picture(LABELS[kind], seed) for seed, kind in enumerate(classes)])
    declaration = InputDeclaration(image=ImagePreprocessing(mean=(0.0,), std=(255.0,)))
    build_classifier(
        folder / "ramps.edgekit",
        (samples[:, np.newaxis] / 255).astype(np.float32),
        classes,
        LABELS,
        declarations={"": declaration},
    )
    for kind in LABELS:
        (folder / "in" / kind).mkdir(parents=True)
        for seed in range(100, 104):
            made = Image.fromarray(picture(kind, seed, size=24)).convert("RGB")
            made.save(folder / "in" / kind / f"{seed}.png")
    return folder


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)


def test_pictures_are_classified_and_counted(folder):
    done = run(folder / "ramps.edgekit", folder / "in", "--top", "2")
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    assert len(lines) == 8
    assert lines[0] == "across/100.png: across 1.00, down 0.00"
    assert last.startswith("8 pictures, ")
    assert last.endswith("; 8 of 8 right (100.0%)")


def test_other_files_are_left_out_and_broken_pictures_told(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    Image.fromarray(picture("down", 1)).save(tmp_path / "good.PNG")
    done = run(folder / "ramps.edgekit", tmp_path)
    assert done.returncode == 0
    assert "broken.png" in done.stderr
    line, last = done.stdout.splitlines()
    assert line.startswith("good.PNG: down")
    assert "1 pictures" in last
    assert last.endswith(", 1 not readable")


def test_a_folder_that_is_none_is_one_line(folder):
    done = run(folder / "ramps.edgekit", folder / "none")
    assert done.returncode == 1
    assert done.stderr == f"{folder / 'none'} is no folder\n"
