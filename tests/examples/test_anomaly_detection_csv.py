"""The script finds what is unusual in a CSV, from a file or as it comes."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "streaming" / "anomaly_detection_csv.py"
WINDOW, CHANNELS = 16, 2
BAD = slice(1600, 1680)  # samples in which the machine is not itself


def machine(count, seed):
    """Return two sensors of a machine that turns, with noise."""
    generator = np.random.default_rng(seed)
    turn = np.arange(count) * 2 * np.pi / WINDOW
    clean = np.stack([3 + 2 * np.sin(turn), -1 + 2 * np.cos(turn)], axis=1)
    return (clean + 0.05 * generator.standard_normal(clean.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, build_autoencoder):
    """A bundle that rebuilds windows of the machine, and a CSV with a fault in it."""
    folder = tmp_path_factory.mktemp("machine")
    windows = (machine(WINDOW * 200, 1) - [3, -1]).reshape(-1, WINDOW, CHANNELS)
    build_autoencoder(folder / "ad.edgekit", windows, components=4)
    signal = machine(2400, 2)
    signal[BAD, 0] += np.random.default_rng(3).uniform(-2, 2, 80)
    lines = [f"{a:.4f},{b:.4f}" for a, b in signal]
    (folder / "machine.csv").write_text("\n".join(["speed,force", *lines, ""]) + "\n")
    return folder


def command(folder, csv, *options):
    words = ("--period", "0.01", "--mean", "3", "-1", "--std", "1")
    return [sys.executable, SCRIPT, folder / "ad.edgekit", csv, *words, *options]


def run(folder, csv, *options, **settings):
    return subprocess.run(
        command(folder, csv, *options), capture_output=True, text=True, **settings
    )


def test_a_fault_is_told_once_with_its_time(folder):
    done = run(folder, folder / "machine.csv")
    assert done.returncode == 0, done.stderr
    found, last = done.stdout.splitlines()
    at, deviations = re.fullmatch(r" *([\d.]+) s  anomaly, ([\d.]+) deviations", found).groups()
    assert 16.0 < float(at) <= 16.33
    assert float(deviations) >= 8
    assert last == "150 windows of 2400 samples"


def test_it_reads_from_a_pipe(folder):
    text = (folder / "machine.csv").read_text()
    done = run(folder, "-", "--hop", "8", input=text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "299 windows of 2400 samples"


def test_a_silent_sensor_is_told_and_waited_for(folder):
    lines = (folder / "machine.csv").read_text().splitlines(keepends=True)
    with subprocess.Popen(
        command(folder, "-", "--stall", "0.2"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write("".join(lines[:100]))
        process.stdin.flush()
        assert any("waiting" in line for line in process.stderr)
        out, _ = process.communicate("".join(lines[100:]))
    assert process.returncode == 0
    assert out.splitlines()[-1] == "150 windows of 2400 samples"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n1,x\n", "line 2 is no row of numbers"),
        ("1,2\n1,2,3\n", "line 2 has no 2 finite numbers"),
        ("a,b\n1,nan\n", "line 2 has no 2 finite numbers"),
    ],
)
def test_a_line_that_is_no_sample_is_named(folder, text, message):
    done = run(folder, "-", input=text)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_numbers_for_other_channels_are_refused(folder):
    done = run(folder, folder / "machine.csv", "--std", "1", "2", "3")
    assert done.returncode == 1
    assert "3 numbers were given for 2 channels" in done.stderr
