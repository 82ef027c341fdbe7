"""The demo runs from a shell, keeps what it promises, and writes what it says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgekit import Bundle
from edgekit.benchmarks import BenchmarkResult

DEMO = Path(__file__).parents[2] / "examples" / "digits" / "demo.py"
SHORT = ["--epochs", "5", "--fine-tune-epochs", "2", "--benchmark-seconds", "0.05"]
PROVENANCE = {"measured", "estimated", "emulated"}

TOOLS = ("arm-none-eabi-gcc", "qemu-system-arm")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, DEMO, *SHORT, "--output", folder / "out"],
        capture_output=True,
        text=True,
        env={**os.environ, "EDGEKIT_CACHE_DIR": str(folder / "cache")},
    )
    assert done.returncode == 0, done.stderr
    return done, folder / "out"


@pytest.fixture(scope="module")
def table(ran):
    _, folder = ran
    lines = (folder / "report.md").read_text().splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {(about, name): (value, origin) for about, name, value, origin, _ in rows[1:]}


def test_it_writes_bundle_report_picture_and_raw_samples(ran):
    _, folder = ran
    assert {path.name for path in folder.iterdir()} == {
        "benchmark.json",
        "calibration.npz",
        "classes.txt",
        "digits-from-onnx.edgekit",
        "digits.edgekit",
        "digits.onnx",
        "firmware",
        "held-out.npz",
        "report.html",
        "report.md",
        "report.png",
    }


def test_every_figure_says_where_it_comes_from(ran, table):
    done, _ = ran
    assert len(table) >= 12
    assert {origin for _, origin in table.values()} == PROVENANCE - (
        {"emulated"} if MISSING else set()
    )
    for (_, name), (_, origin) in table.items():
        printed = [line for line in done.stdout.splitlines() if f"│ {name} " in line]
        assert printed
        assert any(origin in line for line in printed)


def test_what_was_pruned_is_zero_in_the_int8_weights(table):
    still_zero, _, zeros = table["int8 model", "pruned weights still zero"][0].partition(" of ")
    assert still_zero == zeros == "10,716"
    assert table["torch", "weights not zero"][0] == "25.0 %"


def test_the_int8_model_reads_digits_as_well_as_the_network(table):
    source = float(table["torch", "top-1, pruned"][0].removesuffix(" %"))
    final = float(table["int8 model", "top-1"][0].removesuffix(" %"))
    assert source > 90
    assert source - final <= 1.0


def test_module_and_onnx_give_the_same_integers(table):
    assert table["int8 model", "same when built from ONNX"][0] == "450 of 450"


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_emulated_board_reads_digits_as_well_as_the_interpreter(table):
    about = "nucleo-l4r5zi in C"
    assert table[about, "top 1"] == (table["int8 model", "top-1"][0], "emulated")
    assert table[about, "latency"][1] == "estimated"


def test_the_c_library_is_there(ran):
    done, folder = ran
    assert {"digits.h", "digits.c"} <= {path.name for path in (folder / "firmware/src").iterdir()}
    assert ("not emulated" in done.stderr) == bool(MISSING)


def test_the_bundle_was_checked_for_three_devices(ran):
    _, folder = ran
    bundle = Bundle.open(folder / "digits.edgekit")
    assert bundle.manifest.devices == ("pixel-8", "raspberry-pi-4b", "nucleo-l4r5zi")
    assert [spec.dtype for spec in bundle.manifest.inputs] == ["int8"]
    assert bundle.labels == tuple("0123456789")
    assert json.loads(bundle.read("parity.json"))["used_for_calibration"] is False


def test_the_benchmark_keeps_its_samples(ran):
    _, folder = ran
    result = BenchmarkResult.load(folder / "benchmark.json")
    assert result.inputs == "given, 450 samples"
    assert len(result.samples_us) >= 30


def test_the_picture_can_be_read_and_has_something_on_it(ran):
    image = pytest.importorskip("PIL.Image").open(ran[1] / "report.png")
    image.load()
    width, height = image.size
    assert width > 1000
    assert height > 700
    assert image.convert("L").getextrema() == (0, 255)


def test_stages_are_told_on_standard_error(ran):
    done, _ = ran
    for number in range(1, 9):
        assert f"[{number}/8]" in done.stderr
    assert "lower to float TFLite" in done.stderr
    assert "Warning" not in done.stderr
